package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.PATIENCE;
import static dev.loupe.inference.TestClient.image;
import static dev.loupe.inference.TestClient.reason;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.events.v1.CanaryChanged;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.ClassifyRequest;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class CanaryIT {
    private static final String TYPE = "dev.loupe.canary-changed.v1";

    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @TempDir
    Path folder;

    /** A project with versions of these accuracies, whose alias {@code production} points at version 1. */
    private Project project(double... accuracies) {
        Project project = Project.of(Task.CLASSIFICATION);
        for (int n = 1; n <= accuracies.length; n++) {
            Path model =
                    SmallModels.classifier(folder.resolve(project.name() + "-" + n), n, List.of("red" + n, "blue" + n));
            client.publish(project, n, "READY", model, accuracies[n - 1]);
        }
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        return project;
    }

    private static Response set(Project project, Map<String, ?> body, String ifMatch) {
        var request = given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(body);
        return (ifMatch == null ? request : request.header("If-Match", ifMatch))
                .put("/api/v1/models/{p}/aliases/production/canary", project.name());
    }

    private static void start(Project project, double weight) {
        set(project, Map.of("candidate", 2, "weight", weight), null).then().statusCode(200);
    }

    private static Response abort(Project project, String ifMatch) {
        var request = given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "bert")
                .body(Map.of("reason", "misses dents"));
        return (ifMatch == null ? request : request.header("If-Match", ifMatch))
                .post("/api/v1/models/{p}/aliases/production/canary/abort", project.name());
    }

    private static Response canary(Project project) {
        return given().get("/api/v1/models/{p}/aliases/production/canary", project.name());
    }

    private static ModelInferRequest.Builder keyed(Project project, String key) {
        return image(project, "", png(Color.RED)).setId("").putParameters("loupe-request-key", text(key));
    }

    private static InferParameter text(String value) {
        return InferParameter.newBuilder().setStringParam(value).build();
    }

    private static String arm(ModelInferResponse answer) {
        assertEquals(
                answer.getModelVersion().equals("2") ? "candidate" : "holder",
                answer.getParametersOrThrow("arm").getStringParam());
        return answer.getParametersOrThrow("arm").getStringParam();
    }

    /** Ten thousand requests without a key: five standard deviations of the binomial distribution. */
    @Test
    void candidateAnswersItsShareOfTheRequests() throws Exception {
        Project project = project(0.9, 0.95);
        start(project, 10);
        int requests = 10_000;
        int clients = 4;
        int candidates = 0;
        byte[] image = png(Color.RED);
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                answers.add(threads.submit(() -> {
                    int mine = 0;
                    for (int n = 0; n < requests / clients; n++) {
                        ModelInferResponse answer = client.open()
                                .modelInfer(image(project, "", image).setId("").build());
                        mine += arm(answer).equals("candidate") ? 1 : 0;
                    }
                    return mine;
                }));
            }
            for (Future<Integer> answer : answers) {
                candidates += answer.get();
            }
        }
        assertEquals(requests * 0.1, candidates, 5 * Math.sqrt(requests * 0.1 * 0.9));
        given().get("/q/metrics")
                .then()
                .body(containsString("loupe_canary_predictions_seconds_count{arm=\"candidate\",outcome=\"answered\"}"));
    }

    @Test
    void keysNeverSwitchArmsAndMoveOnlyToTheCandidateWithALargerWeight() {
        Project project = project(0.9, 0.95);
        start(project, 30);
        Map<String, String> arms = new HashMap<>();
        for (int round = 0; round < 3; round++) {
            for (int key = 0; key < 60; key++) {
                String arm = arm(
                        client.open().modelInfer(keyed(project, "camera-" + key).build()));
                assertEquals(arm, arms.computeIfAbsent("camera-" + key, _ -> arm));
            }
        }
        assertEquals(Set.of("holder", "candidate"), Set.copyOf(arms.values()));
        start(project, 60);
        arms.forEach((key, before) -> {
            String now = arm(client.open().modelInfer(keyed(project, key).build()));
            assertTrue(before.equals("holder") || now.equals("candidate"), key);
        });
        canary(project).then().body("revision", equalTo(2), "weight", equalTo(60f), "kind", equalTo("WEIGHT_SET"));
    }

    @Test
    void requestsChooseTheirArmByMetadataParameterOrHeader() {
        Project project = project(0.9, 0.95);
        start(project, 0);
        assertEquals("holder", arm(client.open().modelInfer(keyed(project, "a").build())));
        assertEquals(
                "candidate",
                arm(client.open()
                        .modelInfer(keyed(project, "a")
                                .putParameters("loupe-version", text("candidate"))
                                .build())));
        assertEquals(
                "candidate",
                client.typed()
                        .withInterceptors(metadata("loupe-version", "candidate"))
                        .classify(ClassifyRequest.newBuilder()
                                .setSelector(ModelSelector.newBuilder().setModel(project.name()))
                                .setImage(ByteString.copyFrom(png(Color.RED)))
                                .build())
                        .getProvenance()
                        .getArm());
        given().header("Loupe-Version", "candidate")
                .body(png(Color.RED))
                .post("/api/v1/models/{p}/predict", project.name())
                .then()
                .statusCode(200)
                .body("version", equalTo(2), "arm", equalTo("candidate"));
        given().contentType(ContentType.JSON)
                .body(json("\"parameters\": {\"loupe-version\": \"candidate\"}"))
                .post("/v2/models/{p}/infer", project.name())
                .then()
                .statusCode(200)
                .body("model_version", equalTo("2"), "parameters.arm", equalTo("candidate"));
        start(project, 100);
        given().header("loupe-version", "holder")
                .contentType(ContentType.JSON)
                .body(json("\"id\": \"1\""))
                .post("/v2/models/{p}/infer", project.name())
                .then()
                .body("model_version", equalTo("1"), "parameters.arm", equalTo("holder"));
        // A version that is named by its number is no matter of the candidate.
        given().body(png(Color.RED))
                .post("/api/v1/models/{p}/predict?version=1", project.name())
                .then()
                .body("version", equalTo(1), "arm", nullValue());
    }

    private static String json(String more) {
        return "{" + more
                + ", \"inputs\": [{\"name\": \"image\", \"datatype\": \"BYTES\", \"shape\": [1], \"data\": [\""
                + Base64.getEncoder().encodeToString(png(Color.RED)) + "\"]}]}";
    }

    private static ClientInterceptor metadata(String name, String value) {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
        return MetadataUtils.newAttachHeadersInterceptor(metadata);
    }

    @Test
    void refusesAnArmThatThereIsNot() {
        Project project = project(0.9, 0.95);
        ModelInferRequest demanding = keyed(project, "a")
                .putParameters("loupe-version", text("candidate"))
                .build();
        StatusRuntimeException absent =
                assertThrows(StatusRuntimeException.class, () -> client.open().modelInfer(demanding));
        assertEquals(Status.Code.NOT_FOUND, absent.getStatus().getCode());
        assertEquals("CANARY_NOT_FOUND", reason(absent));
        StatusRuntimeException unknown = assertThrows(StatusRuntimeException.class, () -> client.open()
                .withInterceptors(metadata("loupe-version", "newest"))
                .modelInfer(keyed(project, "a").build()));
        assertEquals(Status.Code.INVALID_ARGUMENT, unknown.getStatus().getCode());
        assertTrue(unknown.getStatus().getDescription().contains("got 'newest'"));
        StatusRuntimeException number = assertThrows(StatusRuntimeException.class, () -> client.open()
                .modelInfer(keyed(project, "a")
                        .putParameters(
                                "loupe-request-key",
                                InferParameter.newBuilder().setInt64Param(7).build())
                        .build()));
        assertEquals(Status.Code.INVALID_ARGUMENT, number.getStatus().getCode());
        given().header("loupe-request-key", "k".repeat(257))
                .body(png(Color.RED))
                .post("/api/v1/models/{p}/predict", project.name())
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("at most 256 characters, got 257"));
        given().contentType(ContentType.JSON)
                .body(json("\"parameters\": {\"loupe-request-key\": 7}"))
                .post("/v2/models/{p}/infer", project.name())
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        assertFalse(client.open().modelInfer(keyed(project, "a").build()).containsParameters("arm"));
    }

    @Test
    void promotionOfTheCandidateEndsIt() {
        Project project = project(0.9, 0.95);
        start(project, 100);
        client.promote(project, "production", Map.of("version", 2, "reason", "better"))
                .then()
                .statusCode(200)
                .body("gate", equalTo("PASSED"));
        canary(project)
                .then()
                .body("kind", equalTo("PROMOTED"), "active", equalTo(false), "revision", equalTo(2))
                .body(
                        "weight",
                        equalTo(0f),
                        "reason",
                        equalTo("better"),
                        "candidate",
                        equalTo(2),
                        "holder",
                        equalTo(1));
        ModelInferResponse answer = client.open().modelInfer(keyed(project, "a").build());
        assertEquals("2", answer.getModelVersion());
        assertFalse(answer.containsParameters("arm"));
        set(project, Map.of("candidate", 1, "weight", 0), "\"2\"").then().statusCode(200);
        client.rollback(project, "production", Map.of()).then().statusCode(200);
        canary(project).then().body("kind", equalTo("PROMOTED"), "holder", equalTo(2));
        set(project, Map.of("candidate", 2, "weight", 0), null).then().statusCode(200);
        client.send(client.upload(
                project, SmallModels.classifier(folder.resolve("third"), 3, List.of("a", "b")), 0.99, "test"));
        client.awaitState(project, 3, "READY");
        client.promote(project, "production", Map.of("version", 3)).then().statusCode(200);
        canary(project).then().body("kind", equalTo("SUPERSEDED"), "active", equalTo(false));
    }

    @Test
    void abortedCandidateAnswersNothingMore() {
        Project project = project(0.9, 0.95);
        canary(project).then().statusCode(404).body("code", equalTo("CANARY_NOT_FOUND"));
        abort(project, null).then().statusCode(404).body("code", equalTo("CANARY_NOT_FOUND"));
        start(project, 100);
        assertEquals(
                "candidate", arm(client.open().modelInfer(keyed(project, "a").build())));
        abort(project, "\"7\"").then().statusCode(409).body("code", equalTo("STALE_REVISION"));
        abort(project, "\"1\"")
                .then()
                .statusCode(200)
                .header("ETag", equalTo("\"2\""))
                .body("kind", equalTo("ABORTED"), "active", equalTo(false), "actor", equalTo("bert"));
        assertFalse(client.open().modelInfer(keyed(project, "a").build()).containsParameters("arm"));
        given().get("/api/v1/models/{p}/aliases/production/canary/history", project.name())
                .then()
                .body("items.kind", equalTo(List.of("ABORTED", "STARTED")), "items.reason[0]", equalTo("misses dents"));
        assertEquals(List.of("canary.started", "canary.aborted"), jdbi.withHandle(handle -> handle.createQuery(
                        "select action from audit where subject = :subject order by at")
                .bind("subject", "models/" + project.name() + "/aliases/production/canary")
                .mapTo(String.class)
                .list()));
        List<ConsumerRecord<String, byte[]>> events = TopicReader.read(
                brokers, "loupe.models", all -> of(project, all).size() >= 2);
        assertEquals(
                List.of("1 STARTED 2 100.0", "2 ABORTED 2 0.0"),
                of(project, events).stream()
                        .map(event -> event.getRevision() + " " + event.getKind() + " " + event.getCandidate() + " "
                                + event.getWeight())
                        .toList());
    }

    private static List<CanaryChanged> of(Project project, List<ConsumerRecord<String, byte[]>> records) {
        List<CanaryChanged> changes = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.key().equals(project.id().toString())
                    && TopicReader.type(record).equals(TYPE)) {
                try {
                    changes.add(CanaryChanged.parseFrom(record.value()));
                } catch (InvalidProtocolBufferException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return changes;
    }

    @Test
    void racingChangesLeaveOneWinner() throws Exception {
        Project project = project(0.9, 0.95);
        int racers = 6;
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(racers)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < racers; i++) {
                int weight = i;
                answers.add(threads.submit(() -> set(project, Map.of("candidate", 2, "weight", weight), "\"0\"")
                        .statusCode()));
            }
            for (Future<Integer> answer : answers) {
                statuses.add(answer.get());
            }
        }
        assertEquals(1, statuses.stream().filter(status -> status == 200).count(), statuses.toString());
        assertEquals(
                racers - 1, statuses.stream().filter(status -> status == 409).count(), statuses.toString());
        canary(project).then().body("revision", equalTo(1));
    }

    @Test
    void namesTheInvalidFieldOfARequest() {
        Project project = project(0.9, 0.95, 0.95);
        set(project, Map.of("candidate", 2, "weight", 100.5), null)
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("0 to 100, got 100.5"));
        set(project, Map.of("candidate", 2), null).then().statusCode(400).body("detail", containsString("weight"));
        set(project, Map.of("candidate", 9, "weight", 5), null)
                .then()
                .statusCode(404)
                .body("code", equalTo("MODEL_VERSION_NOT_FOUND"));
        set(project, Map.of("candidate", 1, "weight", 5), null)
                .then()
                .statusCode(422)
                .body("code", equalTo("CANARY_INVALID"));
        set(project, Map.of("candidate", 2, "weight", 5, "force", true), null)
                .then()
                .statusCode(422)
                .body("code", equalTo("REASON_REQUIRED"));
        given().contentType(ContentType.JSON)
                .body(Map.of("candidate", 2, "weight", 5))
                .put("/api/v1/models/{p}/aliases/staging/canary", project.name())
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("ALIAS_NOT_FOUND"));
        start(project, 5);
        set(project, Map.of("candidate", 3, "weight", 5), null)
                .then()
                .statusCode(409)
                .body("code", equalTo("CANARY_ACTIVE"), "detail", containsString("has the candidate version 2"));
    }

    @Test
    void candidateIsNeitherDeletedNorUnloaded() {
        Project project = project(0.9, 0.95, 0.95);
        start(project, 5);
        given().delete("/api/v1/models/{p}/versions/2", project.name())
                .then()
                .statusCode(409)
                .body("code", equalTo("MODEL_VERSION_IN_USE"), "detail", containsString("candidate of 'production'"));
        given().contentType(ContentType.JSON)
                .body(Map.of("parameters", Map.of("version", "2")))
                .post("/v2/repository/models/{p}/unload", project.name())
                .then()
                .statusCode(409)
                .body("code", equalTo("MODEL_VERSION_IN_USE"));
        abort(project, null).then().statusCode(200);
        given().delete("/api/v1/models/{p}/versions/2", project.name()).then().statusCode(204);
    }

    @Test
    void checksThatFailKeepACandidateFromRequestsUnlessForced() {
        Project project = project(0.95, 0.9);
        set(project, Map.of("candidate", 2, "weight", 5), null)
                .then()
                .statusCode(409)
                .body("code", equalTo("GATE_FAILED"), "checks.outcome", equalTo(List.of("FAIL")));
        start(project, 0);
        set(project, Map.of("candidate", 2, "weight", 5, "force", true, "reason", "a fault on purpose"), null)
                .then()
                .statusCode(200)
                .body("weight", equalTo(5f), "reason", equalTo("a fault on purpose"));
    }

    @Test
    void weightIsBoundedWhereThePolicyExpectsAnApproval() {
        Project project = project(0.9, 0.95);
        given().contentType(ContentType.JSON)
                .body(Map.of("approval", true))
                .put("/api/v1/models/{p}/promotion-policy", project.name())
                .then()
                .statusCode(200);
        start(project, 50);
        set(project, Map.of("candidate", 2, "weight", 51), null)
                .then()
                .statusCode(409)
                .body("code", equalTo("APPROVAL_REQUIRED"), "detail", containsString("at most 50"));
    }

    @Test
    void projectIsDeletedWithItsCandidates() {
        Project project = project(0.9, 0.95);
        start(project, 5);
        client.send(ProjectChanged.newBuilder()
                .setProjectId(project.id().toString())
                .setName(project.name())
                .setRevision(2)
                .setDeleted(true)
                .build());
        await().atMost(PATIENCE).untilAsserted(() -> given().get("/api/v1/models/{p}/versions", project.name())
                .then()
                .statusCode(404));
        assertEquals(
                0,
                jdbi.withHandle(handle -> handle.createQuery(
                                        "select count(*) from canary_change where project_id = :project")
                                .bind("project", project.id())
                                .mapTo(Integer.class)
                                .one())
                        .intValue());
    }
}
