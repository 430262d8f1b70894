package dev.loupe.inference;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.events.v1.ModelVersionDeleted;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model versions that no alias needs can be deleted. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class VersionDeletionIT {
    private static final String TYPE = "dev.loupe.model-version-deleted.v1";

    @Inject
    TestClient client;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @TempDir
    Path folder;

    private Project project(int versions) {
        Project project = Project.of(Task.CLASSIFICATION);
        for (int n = 1; n <= versions; n++) {
            publish(project, n);
        }
        return project;
    }

    private void publish(Project project, int n) {
        Path model = folder.resolve(project.name() + "-" + n);
        client.publish(project, n, "READY", SmallModels.classifier(model, n, List.of("red" + n, "blue" + n)), 0.9);
    }

    @Test
    void deletedVersionIsGoneAndItsNumberIsNotUsedAgain() {
        Project project = project(2);

        delete(project, 2).then().statusCode(204);

        client.version(project, 2).then().statusCode(404).body("code", equalTo("MODEL_VERSION_NOT_FOUND"));
        delete(project, 2).then().statusCode(404);
        client.promote(project, "canary", Map.of("version", 2)).then().statusCode(404);
        given().get("/api/v1/models/{p}/versions/2/package/manifest.json", project.name())
                .then()
                .statusCode(404);
        given().get("/v2/models/{p}/versions/2", project.name()).then().statusCode(404);
        publish(project, 3);
        given().get("/api/v1/models/{p}/versions", project.name()).then().body("items.number", equalTo(List.of(3, 1)));
        assertEquals(List.of(2), announced(project));
    }

    @Test
    void versionsThatAnAliasNeedsStay() {
        Project project = project(3);
        for (int version = 1; version <= 3; version++) {
            client.promote(project, "production", Map.of("version", version))
                    .then()
                    .statusCode(200);
        }

        delete(project, 3)
                .then()
                .statusCode(409)
                .body("code", equalTo("MODEL_VERSION_IN_USE"), "detail", containsString("'production'"));
        delete(project, 2).then().statusCode(409).body("code", equalTo("MODEL_VERSION_IN_USE"));
        delete(project, 1).then().statusCode(204);
        given().get("/api/v1/models/{p}/aliases/production/history", project.name())
                .then()
                .body("items.version", equalTo(List.of(3, 2, 1)));

        client.rollback(project, "production", Map.of()).then().statusCode(200).body("version", equalTo(2));
        client.rollback(project, "production", Map.of())
                .then()
                .statusCode(409)
                .body(
                        "code",
                        equalTo("NOTHING_TO_ROLL_BACK"),
                        "detail",
                        containsString("version 1, which was deleted"));
        delete(project, 3).then().statusCode(204);
    }

    private static Response delete(Project project, int version) {
        return given().header("X-Loupe-Actor", "anna")
                .delete("/api/v1/models/{p}/versions/{n}", project.name(), version);
    }

    /** The versions whose deletion was announced. */
    private List<Integer> announced(Project project) {
        return TopicReader.read(
                        brokers, "loupe.models", all -> all.stream().anyMatch(record -> isDeletion(record, project)))
                .stream()
                .filter(record -> isDeletion(record, project))
                .map(record -> parse(record).getVersion())
                .toList();
    }

    private static boolean isDeletion(ConsumerRecord<String, byte[]> record, Project project) {
        return project.id().toString().equals(record.key())
                && TopicReader.type(record).equals(TYPE);
    }

    private static ModelVersionDeleted parse(ConsumerRecord<String, byte[]> record) {
        try {
            return ModelVersionDeleted.parseFrom(record.value());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
