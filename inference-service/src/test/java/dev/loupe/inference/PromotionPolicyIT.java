package dev.loupe.inference;

import static dev.loupe.inference.TestClient.PATIENCE;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.loupe.events.v1.LabelCount;
import dev.loupe.events.v1.ModelEvaluated;
import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.Task;
import dev.loupe.events.v1.TestCounts;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class PromotionPolicyIT {
    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @TempDir
    Path folder;

    private ModelPackageProduced publish(Project project, int version, double accuracy, TestCounts counts) {
        Path made =
                SmallModels.classifier(folder.resolve(project.name() + "-" + version), version, List.of("red", "blue"));
        ModelPackageProduced.Builder event = client.upload(project, made, accuracy, "test").toBuilder();
        if (counts != null) {
            event.setTestCounts(counts);
        }
        client.send(event.build());
        client.awaitState(project, version, "READY");
        return event.build();
    }

    /** Counts of eight images: four red ones, then four blue ones; the bits say which of them are predicted rightly. */
    private static TestCounts counts(int right) {
        return TestCounts.newBuilder()
                .setImages(8)
                .putLabels("red", count(4, Integer.bitCount(right & 0x0f)))
                .putLabels("blue", count(4, Integer.bitCount(right & 0xf0)))
                .setRightImages(ByteString.copyFrom(new byte[] {(byte) right}))
                .build();
    }

    private static LabelCount count(int images, int right) {
        return LabelCount.newBuilder().setImages(images).setRight(right).build();
    }

    private static Response put(Project project, Map<String, ?> policy, String ifMatch) {
        var request = given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(policy);
        return (ifMatch == null ? request : request.header("If-Match", ifMatch))
                .put("/api/v1/models/{p}/promotion-policy", project.name());
    }

    private Response dryRun(Project project, int version) {
        return given().contentType(ContentType.JSON)
                .body(Map.of("version", version))
                .queryParam("dryRun", true)
                .put("/api/v1/models/{p}/aliases/production", project.name());
    }

    @Test
    void policyIsReplacedByCompareAndSetAndAudited() {
        Project project = Project.of(Task.CLASSIFICATION);
        publish(project, 1, 0.9, null);
        given().get("/api/v1/models/{p}/promotion-policy", project.name())
                .then()
                .statusCode(200)
                .header("ETag", equalTo("\"0\""))
                .body("revision", equalTo(0), "policy.comparison", equalTo("POINT"))
                .body("policy.tolerance", equalTo(0.005f), "policy.approval", equalTo(false));
        put(project, Map.of("metricFloors", Map.of("accuracy", 0.8)), "\"0\"")
                .then()
                .statusCode(200)
                .header("ETag", equalTo("\"1\""))
                .body("policy.metricFloors.accuracy", equalTo(0.8f), "actor", equalTo("anna"));
        put(project, Map.of(), "\"0\"").then().statusCode(409).body("code", equalTo("STALE_REVISION"));
        put(project, Map.of("recallFloors", Map.of("red", 2)), null)
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("code", equalTo("POLICY_INVALID"), "detail", containsString("expected 0 to 1, got 2.0"));
        put(project, Map.of("floor", 1), null).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        assertEquals(
                1,
                jdbi.withHandle(handle -> handle.createQuery("select count(*) from audit where subject = :subject")
                                .bind("subject", "models/" + project.name() + "/promotion-policy")
                                .mapTo(Integer.class)
                                .one())
                        .intValue());
    }

    @Test
    void refusesAVersionBelowTheFloorsWithItsEvidence() {
        Project project = Project.of(Task.CLASSIFICATION);
        publish(project, 1, 0.75, counts(0b0011_1111));
        put(project, Map.of("recallFloors", Map.of("blue", 0.75), "minTestImages", 8), null)
                .then()
                .statusCode(200);
        client.promote(project, "production", Map.of("version", 1))
                .then()
                .statusCode(409)
                .contentType("application/problem+json")
                .body("code", equalTo("GATE_FAILED"), "policyRevision", equalTo(1))
                .body("checks.kind", equalTo(List.of("RECALL_FLOOR", "TEST_IMAGES")))
                .body("checks.outcome", equalTo(List.of("FAIL", "PASS")))
                .body("checks[0].subject", equalTo("blue"), "checks[0].expected", equalTo("0.7500 or more"))
                .body("checks[0].found", equalTo("0.5000 (2 of 4 TEST images)"));
        given().get("/api/v1/models/{p}/aliases/production", project.name())
                .then()
                .statusCode(404);
        publish(project, 2, 0.875, counts(0b0111_1111));
        client.promote(project, "production", Map.of("version", 2))
                .then()
                .statusCode(200)
                .body("gate", equalTo("PASSED"), "policyRevision", equalTo(1));
    }

    @Test
    void missingEvidenceIsRefusedUntilAnEvaluationSuppliesIt() {
        Project project = Project.of(Task.CLASSIFICATION);
        ModelPackageProduced version = publish(project, 1, 0.9, null);
        put(project, Map.of("minTestImages", 8), null).then().statusCode(200);
        client.promote(project, "production", Map.of("version", 1))
                .then()
                .statusCode(409)
                .body("code", equalTo("GATE_INCONCLUSIVE"), "checks[0].outcome", equalTo("INCONCLUSIVE"))
                .body("checks[0].remedy", containsString("./loupe evaluate " + project.name() + " 1 --on 1"));
        client.send(
                UUID.randomUUID().toString(),
                "dev.loupe.model-evaluated.v1",
                ModelEvaluated.newBuilder()
                        .setRunId(version.getRunId())
                        .setProjectId(version.getProjectId())
                        .setDatasetVersionNumber(1)
                        .setTestDigest("test")
                        .putMetrics("accuracy", 0.9)
                        .setTestCounts(counts(0b1111_1111))
                        .build()
                        .toByteArray());
        await().atMost(PATIENCE).untilAsserted(() -> client.promote(project, "production", Map.of("version", 1))
                .then()
                .statusCode(200)
                .body("checks[0].found", equalTo("8 TEST images")));
    }

    @Test
    void pairedPredictionsDecideWhereThePolicyExpectsAnInterval() {
        Project project = Project.of(Task.CLASSIFICATION);
        publish(project, 1, 0.875, counts(0b0111_1111));
        publish(project, 2, 0.875, counts(0b1111_1110));
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        put(project, Map.of("comparison", "INTERVAL"), null).then().statusCode(200);
        dryRun(project, 2)
                .then()
                .statusCode(200)
                .body("gate", equalTo("INCONCLUSIVE"))
                .body(
                        "checks[0].found",
                        containsString("of 8 images 1 only version 2 predicts rightly, 1 only version 1"));
        put(project, Map.of("comparison", "INTERVAL", "tolerance", 0.6), null)
                .then()
                .statusCode(200);
        dryRun(project, 2).then().body("gate", equalTo("PASSED"));
    }

    @Test
    void aDryRunShowsTheChecksAndMovesNothing() {
        Project project = Project.of(Task.CLASSIFICATION);
        publish(project, 1, 0.9, null);
        publish(project, 2, 0.8, null);
        dryRun(project, 1)
                .then()
                .statusCode(200)
                .body("gate", equalTo("NO_INCUMBENT"), "generation", equalTo(1), "movedAt", nullValue());
        given().get("/api/v1/models/{p}/aliases/production", project.name())
                .then()
                .statusCode(404);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        dryRun(project, 2)
                .then()
                .statusCode(200)
                .body("gate", equalTo("FAILED"), "previousVersion", equalTo(1), "generation", equalTo(2))
                .body("checks[0].outcome", equalTo("FAIL"))
                .body("checks[0].found", equalTo("0.8000, version 1 has 0.9000"));
        given().get("/api/v1/models/{p}/aliases/production/history", project.name())
                .then()
                .body("items.generation", equalTo(List.of(1)));
    }

    @Test
    void historyKeepsTheReasonAndTheEvidenceOfAnOverride() {
        Project project = Project.of(Task.CLASSIFICATION);
        publish(project, 1, 0.9, null);
        publish(project, 2, 0.8, null);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        client.promote(project, "production", Map.of("version", 2, "force", true))
                .then()
                .statusCode(422)
                .body("code", equalTo("REASON_REQUIRED"));
        client.promote(project, "production", Map.of("version", 2, "force", true, "reason", "half the latency"))
                .then()
                .statusCode(200);
        given().get("/api/v1/models/{p}/aliases/production/history", project.name())
                .then()
                .body("items[0].gate", equalTo("FORCED"), "items[0].reason", equalTo("half the latency"))
                .body("items[0].actor", equalTo("anna"), "items[0].policyRevision", equalTo(0))
                .body("items[0].checks[0].outcome", equalTo("FAIL"));
    }

    @Test
    void rollsBackToAnyVersionThatTheAliasPointedAt() {
        Project project = Project.of(Task.CLASSIFICATION);
        for (int version = 1; version <= 4; version++) {
            publish(project, version, 0.9, null);
        }
        for (int version = 1; version <= 3; version++) {
            client.promote(project, "production", Map.of("version", version))
                    .then()
                    .statusCode(200);
        }
        for (int wrong : List.of(3, 4, 9)) {
            client.rollback(project, "production", Map.of("version", wrong))
                    .then()
                    .statusCode(409)
                    .body("code", equalTo("NOTHING_TO_ROLL_BACK"));
        }
        client.rollback(project, "production", Map.of("version", 1, "reason", "misses dents"))
                .then()
                .statusCode(200)
                .body("version", equalTo(1), "generation", equalTo(4), "kind", equalTo("ROLLBACK"))
                .body("reason", equalTo("misses dents"), "gate", equalTo("NOT_ASKED"));
        client.rollback(project, "production", Map.of())
                .then()
                .statusCode(409)
                .body("code", equalTo("NOTHING_TO_ROLL_BACK"));
    }
}
