package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.PATIENCE;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.events.v1.AliasMoved;
import dev.loupe.events.v1.ModelEvaluated;
import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.RestFuzzer;
import dev.loupe.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class PromotionIT {
    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @TempDir
    Path folder;

    /** A project with versions of these accuracies; version n has the gain n, so its answers are its own. */
    private Project project(double... accuracies) {
        Project project = Project.of(Task.CLASSIFICATION);
        for (int n = 1; n <= accuracies.length; n++) {
            Path versionFolder = folder.resolve(project.name() + "-" + n);
            client.publish(
                    project,
                    n,
                    "READY",
                    SmallModels.classifier(versionFolder, n, List.of("red" + n, "blue" + n)),
                    accuracies[n - 1]);
        }
        return project;
    }

    @Test
    void promotionMovesTheAliasAndWritesHistoryAuditAndEvent() {
        Project project = project(0.9, 0.95);
        client.promote(project, "production", Map.of("version", 1, "expectedGeneration", 0))
                .then()
                .statusCode(200)
                .header("ETag", equalTo("\"1\""))
                .body("generation", equalTo(1), "previousVersion", nullValue(), "gate", equalTo("NO_INCUMBENT"));
        client.promote(project, "production", Map.of("version", 2, "expectedGeneration", 1, "reason", "better"))
                .then()
                .statusCode(200)
                .body("alias", equalTo("production"), "version", equalTo(2), "generation", equalTo(2))
                .body("previousVersion", equalTo(1), "actor", equalTo("anna"), "gate", equalTo("PASSED"))
                .body("gateDetail", containsString("accuracy 0.9500, version 1 has 0.9000"));

        String path = "/api/v1/models/" + project.id() + "/aliases";
        given().get(path + "/production")
                .then()
                .header("ETag", equalTo("\"2\""))
                .body("version", equalTo(2), "reason", equalTo("better"));
        given().get(path).then().body("items.alias", equalTo(List.of("production")));
        given().get(path + "/production/history?limit=1").then().body("items.generation", equalTo(List.of(2)));
        given().get(path + "/production/history").then().body("items.version", equalTo(List.of(2, 1)));
        int audited = jdbi.withHandle(handle -> handle.createQuery(
                        "select count(*) from audit where actor = 'anna' and subject like :subject")
                .bind("subject", "%" + project.name() + "%")
                .mapTo(Integer.class)
                .one());
        assertEquals(2, audited);
        assertEquals(List.of(1L, 2L), movesOf(project));
    }

    @Test
    void incumbentIsComparedByItsEvaluationOnTheTestImagesOfTheCandidate() {
        Project project = Project.of(Task.CLASSIFICATION);
        ModelPackageProduced first = client.publish(
                project, 1, "READY", SmallModels.classifier(folder.resolve("1"), 1, List.of("red", "blue")), 0.99);
        ModelPackageProduced second = client.upload(
                project, SmallModels.classifier(folder.resolve("2"), 2, List.of("red", "blue")), 0.9, "newer");
        client.send(second);
        client.awaitState(project, 2, "READY");
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        client.promote(project, "production", Map.of("version", 2))
                .then()
                .statusCode(409)
                .body("code", equalTo("GATE_NOT_COMPARABLE"))
                .body("detail", containsString("evaluate version 1 on dataset version 1 first"));

        client.send(
                UUID.randomUUID().toString(),
                "dev.loupe.model-evaluated.v1",
                ModelEvaluated.newBuilder()
                        .setRunId(first.getRunId())
                        .setProjectId(first.getProjectId())
                        .setDatasetVersionNumber(1)
                        .setTestDigest("newer")
                        .putMetrics("accuracy", 0.85)
                        .build()
                        .toByteArray());
        await().atMost(PATIENCE).untilAsserted(() -> client.promote(project, "production", Map.of("version", 2))
                .then()
                .statusCode(200)
                .body("gate", equalTo("PASSED"))
                .body("gateDetail", containsString("accuracy 0.9000, version 1 has 0.8500")));
        client.promote(project, "production", Map.of("version", 1))
                .then()
                .statusCode(409)
                .body("code", equalTo("GATE_NOT_COMPARABLE"));
    }

    @Test
    void rejectsStaleGeneration() {
        Project project = project(0.9, 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        client.promote(project, "production", Map.of("version", 2, "expectedGeneration", 0))
                .then()
                .statusCode(409)
                .contentType("application/problem+json")
                .body("code", equalTo("STALE_GENERATION"), "detail", containsString("generation 1"));
        given().contentType(ContentType.JSON)
                .header("If-Match", "\"7\"")
                .body(Map.of("version", 2))
                .put("/api/v1/models/{p}/aliases/production", project.name())
                .then()
                .statusCode(409)
                .body("code", equalTo("STALE_GENERATION"));
        client.rollback(project, "production", Map.of("expectedGeneration", 9))
                .then()
                .statusCode(409);
        given().contentType(ContentType.JSON)
                .header("If-Match", "\"1\"")
                .body(Map.of("version", 2))
                .put("/api/v1/models/{p}/aliases/production", project.name())
                .then()
                .statusCode(200);
        assertEquals(List.of(2, 1), historyOf(project));
    }

    @Test
    void concurrentMovesLeaveOneWinnerAndALinearHistory() throws Exception {
        Project project = project(0.9, 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        int movers = 6;
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(movers)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < movers; i++) {
                answers.add(threads.submit(
                        () -> client.promote(project, "production", Map.of("version", 2, "expectedGeneration", 1))
                                .statusCode()));
            }
            for (Future<Integer> answer : answers) {
                statuses.add(answer.get());
            }
        }
        assertEquals(1, statuses.stream().filter(status -> status == 200).count(), statuses.toString());
        assertEquals(
                movers - 1, statuses.stream().filter(status -> status == 409).count(), statuses.toString());
        assertEquals(List.of(2, 1), historyOf(project));
    }

    @Test
    void refusesAWorseVersionUnlessForcedWithAReason() {
        Project project = project(0.95, 0.946, 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        client.promote(project, "production", Map.of("version", 2))
                .then()
                .statusCode(200)
                .body("gate", equalTo("PASSED"));
        client.promote(project, "production", Map.of("version", 3))
                .then()
                .statusCode(409)
                .body("code", equalTo("GATE_FAILED"), "detail", containsString("0.9000"));
        client.promote(project, "production", Map.of("version", 3, "force", true, "reason", "faster"))
                .then()
                .statusCode(200)
                .body("gate", equalTo("FORCED"), "gateDetail", containsString("0.9460"));
    }

    @Test
    void refusesAVersionEvaluatedOnOtherImagesUnlessForcedWithAReason() {
        Project project = project(0.95);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        client.send(client.upload(
                project, SmallModels.classifier(folder.resolve("other"), 1, List.of("a", "b")), 0.99, "other images"));
        client.awaitState(project, 2, "READY");
        client.promote(project, "production", Map.of("version", 2))
                .then()
                .statusCode(409)
                .body("code", equalTo("GATE_NOT_COMPARABLE"), "detail", containsString("other TEST images"));
        client.promote(project, "production", Map.of("version", 2, "force", true, "reason", " "))
                .then()
                .statusCode(422)
                .body("code", equalTo("REASON_REQUIRED"));
        assertEquals(List.of(1), historyOf(project));
        client.promote(project, "production", Map.of("version", 2, "force", true, "reason", "more TEST images"))
                .then()
                .statusCode(200)
                .body("gate", equalTo("FORCED"), "gateDetail", containsString("other TEST images"))
                .body("reason", equalTo("more TEST images"));
        // An alias that names no version yet takes any.
        client.promote(project, "candidate", Map.of("version", 2))
                .then()
                .statusCode(200)
                .body("gate", equalTo("NO_INCUMBENT"));
    }

    @Test
    void eachRollbackUndoesOnePromotion() {
        Project project = project(0.9, 0.9, 0.9);
        for (int n = 1; n <= 3; n++) {
            client.promote(project, "production", Map.of("version", n)).then().statusCode(200);
        }
        client.rollback(project, "production", Map.of("expectedGeneration", 3))
                .then()
                .statusCode(200)
                .body("version", equalTo(2), "previousVersion", equalTo(3), "generation", equalTo(4))
                .body("kind", equalTo("ROLLBACK"), "actor", equalTo("bert"));
        String key = UUID.randomUUID().toString();
        for (int i = 0; i < 2; i++) {
            given().header("Idempotency-Key", key)
                    .contentType(ContentType.JSON)
                    .post("/api/v1/models/{p}/aliases/production/rollback", project.name())
                    .then()
                    .statusCode(200)
                    .body("version", equalTo(1), "generation", equalTo(5));
        }
        assertEquals("1", answer(project).getModelVersion());
        client.rollback(project, "production", Map.of())
                .then()
                .statusCode(409)
                .body("code", equalTo("NOTHING_TO_ROLL_BACK"));
        client.promote(project, "production", Map.of("version", 3)).then().statusCode(200);
        client.rollback(project, "production", Map.of()).then().body("version", equalTo(1));
        assertEquals(List.of(1, 3, 1, 2, 3, 2, 1), historyOf(project));
    }

    @Test
    void namesTheInvalidFieldOfARequest() {
        Project project = project(0.9);
        String path = "/api/v1/models/" + project.name();
        given().get("/api/v1/models/unknown/versions").then().statusCode(404).body("code", equalTo("MODEL_NOT_FOUND"));
        given().get(path + "/versions/9").then().statusCode(404).body("code", equalTo("MODEL_VERSION_NOT_FOUND"));
        given().get(path + "/versions?cursor=!").then().statusCode(400).body("code", equalTo("INVALID_CURSOR"));
        given().get(path + "/aliases/production").then().statusCode(404).body("code", equalTo("ALIAS_NOT_FOUND"));
        given().get(path + "/versions/1")
                .then()
                .body("labels", equalTo(List.of("red1", "blue1")), "testDigest", equalTo("test"));
        given().get("/api/v1/models?limit=1000").then().body("items.name", hasItem(project.name()));
        client.promote(project, "production", Map.of("version", 9))
                .then()
                .statusCode(404)
                .body("code", equalTo("MODEL_VERSION_NOT_FOUND"));
        client.promote(project, "7", Map.of("version", 1))
                .then()
                .statusCode(400)
                .body("code", equalTo("ALIAS_INVALID"));
        client.promote(project, "Prod'; drop", Map.of("version", 1)).then().statusCode(400);
        client.promote(project, "production", Map.of("version", 1, "colour", "red"))
                .then()
                .statusCode(400)
                .body("detail", containsString("colour"));
        client.promote(project, "production", Map.of()).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        client.promote(project, "production", Map.of("version", "one")).then().statusCode(400);
        client.rollback(project, "production", Map.of())
                .then()
                .statusCode(404)
                .body("code", equalTo("ALIAS_NOT_FOUND"));
        given().contentType(ContentType.JSON)
                .header("If-Match", "\"yesterday\"")
                .body(Map.of("version", 1))
                .put(path + "/aliases/production")
                .then()
                .statusCode(400)
                .body("detail", containsString("If-Match"));
        given().contentType(ContentType.TEXT)
                .body("1")
                .put(path + "/aliases/production")
                .then()
                .statusCode(415);
    }

    @Test
    void promotionsUnderLoadFailNoRequestAndMixNoVersions() throws Exception {
        Project project = project(0.9, 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        Set<String> versions = ConcurrentHashMap.newKeySet();
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                clients.execute(() -> {
                    while (!stop.get()) {
                        try {
                            ModelInferResponse answer = answer(project);
                            versions.add(answer.getModelVersion());
                            check(answer, wrong);
                            answered.incrementAndGet();
                        } catch (RuntimeException e) {
                            wrong.add(e.toString());
                        }
                    }
                });
            }
            try {
                for (int move = 0; move < 10; move++) {
                    int before = answered.get();
                    Response moved = move % 2 == 0
                            ? client.promote(project, "production", Map.of("version", 2))
                            : client.rollback(project, "production", Map.of());
                    assertEquals(200, moved.statusCode(), moved.asString());
                    await().atMost(PATIENCE).until(() -> answered.get() >= before + 100 || !wrong.isEmpty());
                }
            } finally {
                stop.set(true);
            }
        }
        assertEquals(List.of(), List.copyOf(wrong));
        assertEquals(Set.of("1", "2"), versions);
        assertTrue(answered.get() >= 1000, "answers: " + answered);
    }

    /** The labels, the score and the version of an answer must all be of one version: gain n, labels named n. */
    private static void check(ModelInferResponse answer, Queue<String> wrong) {
        int n = Integer.parseInt(answer.getModelVersion());
        String label = answer.getOutputs(0).getContents().getBytesContents(0).toStringUtf8();
        double expected = Math.exp(n) / (Math.exp(n) + 1);
        double score = answer.getOutputs(1).getContents().getFp32Contents(0);
        if (!label.equals("red" + n) || Math.abs(score - expected) > 1e-5) {
            wrong.add("version " + n + " said " + label + " " + score);
        }
    }

    private ModelInferResponse answer(Project project) {
        return client.open().modelInfer(image(project, "", png(Color.RED)).build());
    }

    private List<Integer> historyOf(Project project) {
        return given().get("/api/v1/models/{p}/aliases/production/history", project.name())
                .path("items.version");
    }

    private List<Long> movesOf(Project project) {
        return generations(
                project,
                TopicReader.read(
                        brokers,
                        "loupe.models",
                        all -> generations(project, all).size() >= 2));
    }

    private static List<Long> generations(Project project, List<ConsumerRecord<String, byte[]>> records) {
        return records.stream()
                .filter(record -> record.key().equals(project.id().toString()))
                .filter(record -> TopicReader.type(record).equals("dev.loupe.alias-moved.v1"))
                .map(record -> moved(record.value()).getGeneration())
                .toList();
    }

    private static AliasMoved moved(byte[] data) {
        try {
            return AliasMoved.parseFrom(data);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void everyErrorOfTheRestApiIsAShortProblemDocument() {
        RestFuzzer surface = RestFuzzer.of(
                RestAssured.port,
                given().accept("application/json").get("/openapi").path("$"));
        assertEquals(List.of(), surface.violations());
    }
}
