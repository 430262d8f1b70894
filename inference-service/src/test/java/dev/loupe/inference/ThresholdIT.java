package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.events.v1.Task;
import dev.loupe.events.v1.ThresholdSet;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.registry.CurrentThreshold;
import dev.loupe.inference.registry.ModelRepository;
import dev.loupe.inference.registry.RegistrySnapshot;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.model.DevScores;
import dev.loupe.model.DevScores.Score;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hamcrest.Matcher;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class ThresholdIT {
    private static final String THRESHOLDS = "/api/v1/models/{p}/versions/{n}/thresholds";
    /** Its score is 0.6 to {@link SmallModels#anomalyDetector}. */
    private static final byte[] GREY = png(new Color(153, 153, 153));

    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @Inject
    ModelRepository models;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @TempDir
    Path folder;

    /** Normal scores 0.001, 0.002, … and one abnormal one each of 0.45, 0.55, 0.65 and 0.75. */
    private static DevScores dev(int normal) {
        Map<String, Score> scores = new TreeMap<>();
        for (int i = 1; i <= normal; i++) {
            scores.put("n" + i, new Score("normal", (float) (i / 1000.0)));
        }
        for (double score : new double[] {0.45, 0.55, 0.65, 0.75}) {
            scores.put("a" + score, new Score("abnormal", (float) score));
        }
        return new DevScores(new TreeMap<>(scores));
    }

    private Project detector(int normal) {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(
                project, 1, "READY", SmallModels.anomalyDetector(folder.resolve(project.name()), dev(normal)), 0.9);
        return project;
    }

    private static Response set(Project project, Map<String, ?> body) {
        return request(project, body, "");
    }

    private static Response preview(Project project, Map<String, ?> body) {
        return request(project, body, "?dryRun=true");
    }

    private static Response request(Project project, Map<String, ?> body, String parameters) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(body)
                .post(THRESHOLDS + parameters, project.name(), 1);
    }

    private DetectAnomalyResponse detect(Project project) {
        return client.typed()
                .detectAnomaly(DetectAnomalyRequest.newBuilder()
                        .setSelector(ModelSelector.newBuilder()
                                .setModel(project.name())
                                .setVersion("1"))
                        .setImage(ByteString.copyFrom(GREY))
                        .build());
    }

    @Test
    void thresholdThatIsSetChangesEveryAnswerAndTheRawScoreStays() {
        Project project = detector(100);
        DetectAnomalyResponse before = detect(project);
        assertTrue(before.getAnomalous());
        assertEquals(1, before.getThresholdVersion());
        assertTrue(before.getCalibratedScore() > 0.5, "calibrated " + before.getCalibratedScore());

        set(project, Map.of("method", "MANUAL", "value", 0.7, "expectedThreshold", 1, "reason", "too many alarms"))
                .then()
                .statusCode(201)
                .body("number", equalTo(2), "current", equalTo(true), "method", equalTo("MANUAL"))
                .body("reason", equalTo("too many alarms"), "actor", equalTo("anna"))
                .body("dev.falseAlarms.count", equalTo(0), "dev.falseAlarms.images", equalTo(100))
                .body("dev.misses.count", equalTo(3), "dev.misses.images", equalTo(4));

        DetectAnomalyResponse after = detect(project);
        assertFalse(after.getAnomalous());
        assertEquals(before.getAnomalyScore(), after.getAnomalyScore());
        assertEquals(2, after.getThresholdVersion());
        assertEquals(0.7f, after.getThreshold());
        assertEquals(1, after.getProvenance().getVersion());
        assertTrue(after.getCalibratedScore() < 0.5, "calibrated " + after.getCalibratedScore());

        ModelInferResponse open =
                client.open().modelInfer(image(project, "1", GREY).build());
        assertEquals(2, open.getParametersOrThrow("threshold_version").getInt64Param());
        assertEquals(0.7f, (float) open.getParametersOrThrow("threshold").getDoubleParam());
        assertEquals(
                List.of("anomaly_score", "anomalous", "calibrated_score"),
                open.getOutputsList().stream()
                        .map(ModelInferResponse.InferOutputTensor::getName)
                        .toList());
        assertFalse(open.getOutputs(1).getContents().getBoolContents(0));
        assertEquals(
                after.getCalibratedScore(), open.getOutputs(2).getContents().getFp32Contents(0));

        given().contentType("image/png")
                .body(GREY)
                .post("/api/v1/models/{p}/predict?version=1", project.name())
                .then()
                .statusCode(200)
                .body("version", equalTo(1), "anomaly.thresholdVersion", equalTo(2))
                .body("anomaly.anomalous", equalTo(false))
                .body("anomaly.calibratedScore", equalTo(after.getCalibratedScore()));
        given().contentType(ContentType.JSON)
                .body(Map.of(
                        "inputs",
                        List.of(Map.of(
                                "name",
                                "image",
                                "datatype",
                                "BYTES",
                                "shape",
                                List.of(1),
                                "data",
                                List.of(base64(GREY))))))
                .post("/v2/models/{p}/versions/1/infer", project.name())
                .then()
                .statusCode(200)
                .body("parameters.threshold_version", equalTo(2))
                .body("outputs.find { it.name == 'calibrated_score' }.data[0]", equalTo(after.getCalibratedScore()));
        client.version(project, 1).then().body("thresholdVersion", equalTo(2), "threshold", equalTo(0.7f));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void calibratedScoreIsHalfThePlaceAmongNormalImages() {
        Project project = detector(100);
        // 100 normal scores below the threshold: 0.050 has place 50 of 101.
        given().contentType(ContentType.JSON)
                .body(Map.of("scores", List.of((double) 0.050f, 0.5, 0.0)))
                .post(THRESHOLDS + "/1/re-evaluate", project.name(), 1)
                .then()
                .statusCode(200)
                .body("decisions[0].calibratedScore", closeTo(0.5f * 50 / 101))
                .body("decisions[1].calibratedScore", equalTo(0.5f))
                .body("decisions[2].calibratedScore", equalTo(0f));
    }

    private static Matcher<Float> closeTo(float expected) {
        return allOf(greaterThan(expected - 1e-6f), lessThan(expected + 1e-6f));
    }

    @Test
    void everyMethodChoosesOnTheDevScores() {
        Project project = detector(400);
        // Between the highest normal score, 0.4, and the lowest abnormal one, 0.45.
        preview(project, Map.of("method", "BEST_F1"))
                .then()
                .statusCode(200)
                .body("value", closeTo(0.425f), "number", nullValue(), "current", equalTo(false))
                .body("dev.misses.count", equalTo(0));
        // Three of 400 may be above (binomial sums), so the threshold is between 0.397 and 0.398.
        preview(project, Map.of("method", "FALSE_ALARM_RATE", "target", 0.02))
                .then()
                .statusCode(200)
                .body("value", closeTo(0.3975f), "confidence", equalTo(0.95f))
                .body("dev.falseAlarms.count", equalTo(3), "dev.falseAlarms.rate", equalTo(0.0075f));
        // Three of the four abnormal images: between 0.45 and 0.55.
        preview(project, Map.of("method", "RECALL", "target", 0.75))
                .then()
                .statusCode(200)
                .body("value", closeTo(0.5f), "dev.misses.count", equalTo(1));
        given().get(THRESHOLDS, project.name(), 1).then().body("items.number", equalTo(List.of(1)));
    }

    @Test
    void refusesAPromiseThatTheDevImagesCannotKeep() {
        Project project = detector(40);
        // By hand: ln(0.05) / ln(0.99) = 298.07.
        set(project, Map.of("method", "FALSE_ALARM_RATE", "target", 0.01, "confidence", 0.95, "reason", "r"))
                .then()
                .statusCode(422)
                .body("code", equalTo("DEV_IMAGES_TOO_FEW"))
                .body("detail", containsString("at least 299 normal DEV images, got 40: 259 more are needed"));
        given().get(THRESHOLDS, project.name(), 1).then().body("items.number", equalTo(List.of(1)));
    }

    @Test
    void versionWithoutDevScoresTakesAThresholdByHandOnly() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder.resolve(project.name())), 0.9);
        assertFalse(detect(project).hasCalibratedScore());
        preview(project, Map.of("method", "BEST_F1"))
                .then()
                .statusCode(422)
                .body("code", equalTo("DEV_SCORES_MISSING"), "detail", containsString("train it again"));
        set(project, Map.of("method", "MANUAL", "value", 0.25, "reason", "r"))
                .then()
                .statusCode(201)
                .body("value", equalTo(0.25f), "dev", nullValue());
    }

    @Test
    void classifierHasNoThresholds() {
        Project project = Project.of(Task.CLASSIFICATION);
        client.publish(
                project,
                1,
                "READY",
                SmallModels.classifier(folder.resolve(project.name()), 1, List.of("red", "blue")),
                0.9);
        given().get(THRESHOLDS, project.name(), 1).then().statusCode(409).body("code", equalTo("MODEL_TASK_MISMATCH"));
    }

    @Test
    void rejectsInvalidRequests() {
        Project project = detector(10);
        for (Map<String, ?> invalid : List.of(
                Map.of("method", "TRAINING", "reason", "r"),
                Map.of("method", "BEST", "reason", "r"),
                Map.of("method", "MANUAL", "reason", "r"),
                Map.of("method", "MANUAL", "value", 1e300, "reason", "r"),
                Map.of("method", "MANUAL", "value", 1, "target", 0.5, "reason", "r"),
                Map.of("method", "MANUAL", "value", 1),
                Map.of("method", "FALSE_ALARM_RATE", "target", 0, "reason", "r"),
                Map.of("method", "FALSE_ALARM_RATE", "target", 0.01, "confidence", 1, "reason", "r"),
                Map.of("method", "RECALL", "target", 1.5, "reason", "r"))) {
            set(project, invalid).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        }
        given().contentType(ContentType.JSON)
                .body(Map.of("scores", List.of(0.1)))
                .post(THRESHOLDS + "/7/re-evaluate", project.name(), 1)
                .then()
                .statusCode(404)
                .body("code", equalTo("THRESHOLD_NOT_FOUND"));
    }

    @Test
    void concurrentChangesOfTheSameThresholdLeaveOneWinner() throws Exception {
        Project project = detector(10);
        List<Future<Integer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                double value = 0.1 + i / 100.0;
                answers.add(threads.submit(() -> set(
                                project,
                                Map.of("method", "MANUAL", "value", value, "expectedThreshold", 1, "reason", "r"))
                        .statusCode()));
            }
        }
        Map<Integer, Integer> statuses = new HashMap<>();
        for (Future<Integer> answer : answers) {
            statuses.merge(answer.get(), 1, Integer::sum);
        }
        assertEquals(Map.of(201, 1, 409, 7), statuses);
        set(project, Map.of("method", "MANUAL", "value", 1, "expectedThreshold", 1, "reason", "r"))
                .then()
                .statusCode(409)
                .body("code", equalTo("STALE_THRESHOLD"));
    }

    @Test
    void changeIsListedAuditedSentAndInTheSnapshotOfReplicas() {
        Project project = detector(10);
        for (double value : new double[] {0.1, 0.2}) {
            set(project, Map.of("method", "MANUAL", "value", value, "reason", "because " + value))
                    .then()
                    .statusCode(201);
        }
        given().get(THRESHOLDS, project.id(), 1)
                .then()
                .statusCode(200)
                .body("items.number", equalTo(List.of(3, 2, 1)))
                .body("items.current", equalTo(List.of(true, false, false)))
                .body("items.method", equalTo(List.of("MANUAL", "MANUAL", "TRAINING")))
                .body("items[2].how", equalTo("by hand"));
        String cursor = given().get(THRESHOLDS + "?limit=2", project.name(), 1).path("nextCursor");
        given().get(THRESHOLDS + "?limit=2&cursor=" + cursor, project.name(), 1)
                .then()
                .body("items.number", equalTo(List.of(1)), "nextCursor", nullValue());
        List<String> audited = jdbi.withHandle(handle -> handle.createQuery(
                        "select detail from audit where actor = 'anna' and action = 'threshold.set' and subject like :s order by id")
                .bind("s", "%" + project.name() + "/versions/1/thresholds/%")
                .mapTo(String.class)
                .list());
        assertEquals(2, audited.size());
        assertTrue(audited.getLast().endsWith("reason: because 0.2"), audited.toString());
        RegistrySnapshot.Entry entry = models.snapshot().models().stream()
                .filter(found -> found.model().projectId().equals(project.id()))
                .findFirst()
                .orElseThrow();
        assertEquals(List.of(new CurrentThreshold(1, 3, 0.2f)), entry.thresholds());
        assertEquals(
                List.of(2, 3),
                sent(
                        project,
                        TopicReader.read(
                                brokers,
                                "loupe.models",
                                all -> sent(project, all).size() >= 2)));
    }

    private static List<Integer> sent(Project project, List<ConsumerRecord<String, byte[]>> records) {
        return records.stream()
                .filter(record -> record.key().equals(project.id().toString()))
                .filter(record -> TopicReader.type(record).equals("dev.loupe.threshold-set.v1"))
                .map(record -> parsed(record.value()).getNumber())
                .toList();
    }

    private static ThresholdSet parsed(byte[] data) {
        try {
            return ThresholdSet.parseFrom(data);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /** Another replica writes to the database that this one reads every few seconds. */
    @Test
    void thresholdThatAnotherReplicaSetsIsInEffectWithinSeconds() {
        Project project = detector(10);
        jdbi.useHandle(
                handle -> handle.createUpdate("""
                        insert into threshold_version (project_id, version, number, value, method, how, reason, actor)
                        values (:project, 1, 2, 0.875, 'MANUAL', 'set by hand', 'r', 'bert')""").bind("project", project.id()).execute());
        await().atMost(Duration.ofSeconds(15)).until(() -> detect(project).getThresholdVersion() == 2);
        assertEquals(0.875f, detect(project).getThreshold());
    }

    @Test
    void answersUnderLoadFitTheThresholdVersionThatTheyName() throws Exception {
        Project project = detector(100);
        Map<Integer, Float> values = new ConcurrentHashMap<>(Map.of(1, (float) SmallModels.THRESHOLD));
        AtomicBoolean done = new AtomicBoolean();
        Queue<DetectAnomalyResponse> answers = new ConcurrentLinkedQueue<>();
        List<Future<?>> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                clients.add(threads.submit(() -> {
                    while (!done.get()) {
                        answers.add(detect(project));
                    }
                }));
            }
            try {
                for (int number = 2; number <= 21; number++) {
                    float value = number % 2 == 0 ? 0.7f + number / 1000f : 0.5f - number / 1000f;
                    values.put(number, value);
                    set(
                                    project,
                                    Map.of(
                                            "method",
                                            "MANUAL",
                                            "value",
                                            value,
                                            "expectedThreshold",
                                            number - 1,
                                            "reason",
                                            "r"))
                            .then()
                            .statusCode(201);
                }
            } finally {
                done.set(true);
            }
        }
        for (Future<?> each : clients) {
            each.get();
        }
        for (DetectAnomalyResponse answer : answers) {
            float threshold = values.get(answer.getThresholdVersion());
            assertEquals(threshold, answer.getThreshold());
            assertEquals(answer.getAnomalyScore() >= threshold, answer.getAnomalous());
            assertEquals(answer.getAnomalous(), answer.getCalibratedScore() >= 0.5f);
        }
        long used = answers.stream()
                .map(DetectAnomalyResponse::getThresholdVersion)
                .distinct()
                .count();
        assertTrue(used > 2, answers.size() + " answers with " + used + " threshold versions");
    }
}
