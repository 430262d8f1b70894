package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.PATIENCE;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class ProjectIT {
    @Inject
    TestClient client;

    @TempDir
    Path folder;

    @Test
    void aRenamedProjectIsServedByBothNamesAndGetsLaterVersions() {
        Project project = promoted(Project.of(Task.CLASSIFICATION));
        Project renamed = new Project(project.id(), project.name() + "-b", project.task());

        client.send(change(renamed, 1).addFormerNames(project.name()).build());

        awaitAnswer(renamed);
        assertEquals("1", answeringVersion(project), "the former name");
        for (String name : List.of(project.name(), renamed.name())) {
            given().get("/api/v1/models/" + name + "/versions/1").then().statusCode(200);
        }
        // Its run began under the former name.
        client.publish(project, 2, "READY", SmallModels.classifier(folder.resolve("2"), 2, List.of("a", "b")), 0.9);
        given().get("/api/v1/models/" + renamed.name() + "/versions")
                .then()
                .body("items.number", equalTo(List.of(2, 1)));

        client.send(change(project, 1).build()); // an older revision, repeated under another event id
        client.send(change(renamed, 2).addFormerNames(project.name()).build());
        awaitAnswer(renamed);
    }

    @Test
    void aDeletedProjectHasNoModelAndItsNameCanBeReused() {
        Project project = promoted(Project.of(Task.CLASSIFICATION));
        Project successor = new Project(Project.of(Task.CLASSIFICATION).id(), project.name(), project.task());
        // Heard before the deletion: it waits for the name.
        ModelPackageProduced early = client.upload(
                successor, SmallModels.classifier(folder.resolve("s"), 3, List.of("x", "y")), 0.9, "test");
        client.send(early);

        client.send(change(project, 1).setDeleted(true).build());

        await().atMost(PATIENCE).until(() -> "READY"
                .equals(given().get("/api/v1/models/" + successor.id() + "/versions/1")
                        .path("state")));
        given().get("/api/v1/models/" + project.id() + "/versions/1").then().statusCode(404);
        StatusRuntimeException e = assertThrows(StatusRuntimeException.class, () -> answeringVersion(project));
        assertEquals(Status.Code.NOT_FOUND, e.getStatus().getCode());
        client.promote(successor, "production", Map.of("version", 1)).then().statusCode(200);
        assertEquals("1", answeringVersion(successor));

        ModelPackageProduced late =
                client.upload(project, SmallModels.classifier(folder.resolve("l"), 4, List.of("x", "y")), 0.9, "test");
        client.send(late);
        client.publish(successor, 2, "READY", SmallModels.classifier(folder.resolve("t"), 5, List.of("x", "y")), 0.9);
        given().get("/api/v1/models/" + project.id() + "/versions/1").then().statusCode(404);
    }

    private Project promoted(Project project) {
        Path files = SmallModels.classifier(folder.resolve(project.name()), 1, List.of("a", "b"));
        client.publish(project, 1, "READY", files, 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        awaitAnswer(project);
        return project;
    }

    /** Until the events of the project have arrived, its name is not known. */
    private void awaitAnswer(Project project) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .untilAsserted(() -> assertEquals("1", answeringVersion(project)));
    }

    private String answeringVersion(Project project) {
        return client.open()
                .modelInfer(image(project, "", png(Color.RED)).build())
                .getModelVersion();
    }

    private static ProjectChanged.Builder change(Project project, long revision) {
        return ProjectChanged.newBuilder()
                .setProjectId(project.id().toString())
                .setName(project.name())
                .setRevision(revision);
    }
}
