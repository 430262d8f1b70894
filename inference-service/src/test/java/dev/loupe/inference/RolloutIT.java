package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.PATIENCE;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.events.v1.RolloutChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class RolloutIT {
    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @TempDir
    Path folder;

    /** Production is version 1; version 2 is this model. */
    private Project project(Path candidate) {
        Project project = Project.of(Task.CLASSIFICATION);
        Path holder = SmallModels.classifier(folder.resolve(project.name()), 1, List.of("red", "blue"));
        client.publish(project, 1, "READY", holder, 0.9);
        client.publish(project, 2, "READY", candidate, 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        return project;
    }

    private Path good() {
        return SmallModels.classifier(folder.resolve("good"), 2, List.of("red", "blue"));
    }

    private static Response start(Project project, Map<String, ?> plan) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(Map.of("candidate", 2, "plan", plan))
                .put("/api/v1/models/{p}/aliases/production/canary/rollout", project.name());
    }

    private static Response rollout(Project project) {
        return given().get("/api/v1/models/{p}/aliases/production/canary/rollout", project.name());
    }

    private static Response canary(Project project) {
        return given().get("/api/v1/models/{p}/aliases/production/canary", project.name());
    }

    /** Predicts until the rollout is in this state. */
    private void predictUntil(Project project, Color color, String state) {
        await().atMost(PATIENCE).until(() -> {
            for (int i = 0; i < 20; i++) {
                try {
                    client.open()
                            .modelInfer(image(project, "", png(color)).setId("").build());
                } catch (StatusRuntimeException refused) {
                    assertEquals("PREDICTION_NOT_FINITE", TestClient.reason(refused));
                }
            }
            return state.equals(rollout(project).path("state"));
        });
    }

    @Test
    void goodCandidateTakesEachStepAndIsNotPromotedByItself() {
        Project project = project(good());
        start(project, Map.of("steps", List.of(20, 60, 100), "bakeSeconds", 15, "minRequests", 10, "maxErrorRate", 0.4))
                .then()
                .statusCode(200)
                .body("state", equalTo("RUNNING"), "step", equalTo(0), "revision", equalTo(1));
        predictUntil(project, Color.RED, "SUCCEEDED");
        rollout(project).then().body("step", equalTo(2), "message", containsString("error rate: 0 of"));
        canary(project)
                .then()
                .body("weight", equalTo(100f), "active", equalTo(true), "actor", equalTo("rollout"))
                .body("rollout", equalTo(true));
        given().get("/api/v1/models/{p}/aliases/production", project.name())
                .then()
                .body("version", equalTo(1));
        given().get("/api/v1/models/{p}/aliases/production/canary/history", project.name())
                .then()
                .body("items.weight", equalTo(List.of(100f, 60f, 20f)));
        assertEquals(
                List.of("rollout.running", "rollout.running", "rollout.running", "rollout.succeeded"),
                audited(project));
        List<ConsumerRecord<String, byte[]>> events = TopicReader.read(
                brokers, "loupe.models", all -> of(project, all).size() >= 4);
        assertEquals(
                List.of(
                        "RUNNING 1 of 3 anna",
                        "RUNNING 2 of 3 rollout",
                        "RUNNING 3 of 3 rollout",
                        "SUCCEEDED 3 of 3 rollout"),
                of(project, events));
    }

    private List<String> audited(Project project) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select action from audit where subject = :subject order by at")
                        .bind("subject", "models/" + project.name() + "/aliases/production/canary/rollout")
                        .mapTo(String.class)
                        .list());
    }

    private static List<String> of(Project project, List<ConsumerRecord<String, byte[]>> records) {
        List<String> changes = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.key().equals(project.id().toString())
                    && TopicReader.type(record).equals("dev.loupe.rollout-changed.v1")) {
                try {
                    RolloutChanged event = RolloutChanged.parseFrom(record.value());
                    changes.add("%s %d of %d %s"
                            .formatted(event.getState(), event.getStep() + 1, event.getSteps(), event.getActor()));
                } catch (InvalidProtocolBufferException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return changes;
    }

    @Test
    void rolloutWaitsWhileAnotherReplicaTakesItsStep() throws SQLException {
        Project project = project(good());
        start(project, Map.of("steps", List.of(5, 100), "bakeSeconds", 10))
                .then()
                .statusCode(200);
        jdbi.useHandle(other -> {
            other.getConnection().setAutoCommit(false);
            other.createQuery("select step from rollout where project_id = :project for update")
                    .bind("project", project.id())
                    .mapTo(Integer.class)
                    .one();
            // Longer than the step, and several turns of the driver.
            await().during(Duration.ofSeconds(12)).atMost(PATIENCE).until(() -> "RUNNING"
                    .equals(rollout(project).path("state")));
            other.getConnection().rollback();
        });
        await().atMost(PATIENCE).until(() -> "STOPPED".equals(rollout(project).path("state")));
    }

    @Test
    void failingCandidateIsRolledBackByItself() {
        Project project = project(SmallModels.classifierWithoutGreen(folder.resolve("broken"), List.of("red", "blue")));
        start(project, Map.of("steps", List.of(50, 100), "bakeSeconds", 3600, "maxErrorRate", 0.05))
                .then()
                .statusCode(200);
        predictUntil(project, Color.GREEN, "ROLLED_BACK");
        rollout(project).then().body("step", equalTo(0), "message", containsString("expected at most 0.0500"));
        canary(project).then().body("kind", equalTo("ROLLED_BACK"), "active", equalTo(false), "weight", equalTo(0f));
        // The replica follows within seconds.
        await().atMost(PATIENCE).ignoreExceptions().until(() -> !client.open()
                .modelInfer(image(project, "", png(Color.GREEN)).setId("").build())
                .containsParameters("arm"));
        for (int i = 0; i < 50; i++) {
            assertEquals(
                    "1",
                    client.open()
                            .modelInfer(image(project, "", png(Color.GREEN))
                                    .setId("")
                                    .build())
                            .getModelVersion());
        }
    }

    @Test
    void rolloutWithoutRequestsStopsAndSaysSo() {
        Project project = project(good());
        start(project, Map.of("steps", List.of(5, 100), "bakeSeconds", 1))
                .then()
                .statusCode(200);
        await().atMost(PATIENCE).until(() -> "STOPPED".equals(rollout(project).path("state")));
        rollout(project)
                .then()
                .body(
                        "message",
                        containsString("too little evidence: 0 requests to the candidate, expected 100 or more"));
        canary(project).then().body("weight", equalTo(5f), "active", equalTo(true));
    }

    @Test
    void changeByAPersonStopsTheRollout() {
        Project project = project(good());
        rollout(project).then().statusCode(404).body("code", equalTo("ROLLOUT_NOT_FOUND"));
        start(project, Map.of("bakeSeconds", 3600)).then().statusCode(200);
        given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "bert")
                .post("/api/v1/models/{p}/aliases/production/canary/abort", project.name())
                .then()
                .statusCode(200);
        await().atMost(PATIENCE).until(() -> "STOPPED".equals(rollout(project).path("state")));
        rollout(project).then().body("message", equalTo("the candidate was changed by 'bert': ABORTED"));
    }

    @Test
    void stepThatNeedsAnApprovalStopsTheRollout() {
        Project project = project(good());
        given().contentType(ContentType.JSON)
                .body(Map.of("approval", true))
                .put("/api/v1/models/{p}/promotion-policy", project.name())
                .then()
                .statusCode(200);
        start(project, Map.of("steps", List.of(50, 100), "bakeSeconds", 15, "minRequests", 1, "maxErrorRate", 0.5))
                .then()
                .statusCode(200);
        predictUntil(project, Color.RED, "STOPPED");
        rollout(project).then().body("message", containsString("APPROVAL_REQUIRED"));
        canary(project).then().body("weight", equalTo(50f), "active", equalTo(true));
    }

    @Test
    void disagreementsOfTheShadowRollBack() {
        Project project = project(SmallModels.classifier(folder.resolve("opposite"), -1, List.of("red", "blue")));
        start(project, Map.of("steps", List.of(1, 100), "bakeSeconds", 3600, "maxDisagreementRate", 0.2))
                .then()
                .statusCode(200);
        canary(project).then().body("shadow", equalTo(true));
        predictUntil(project, Color.RED, "ROLLED_BACK");
        rollout(project).then().body("message", containsString("disagreement: "));
        canary(project).then().body("kind", equalTo("ROLLED_BACK"), "shadow", equalTo(false));
    }

    @Test
    void startAtAnOldRevisionChangesNothing() {
        Project project = project(good());
        given().contentType(ContentType.JSON)
                .header("If-Match", "\"3\"")
                .body(Map.of("candidate", 2))
                .put("/api/v1/models/{p}/aliases/production/canary/rollout", project.name())
                .then()
                .statusCode(409)
                .body("code", equalTo("STALE_REVISION"));
        rollout(project).then().statusCode(404).body("code", equalTo("ROLLOUT_NOT_FOUND"));
        canary(project).then().statusCode(404).body("code", equalTo("CANARY_NOT_FOUND"));
    }

    @Test
    void namesWhatIsInvalidInAPlan() {
        Project project = project(good());
        start(project, Map.of("steps", List.of(50, 20)))
                .then()
                .statusCode(422)
                .body("code", equalTo("ROLLOUT_INVALID"), "detail", containsString("[50.0, 20.0]"));
    }
}
