package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.closeTo;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.testing.DevstackTestResource;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class PredictionLogIT {
    private static final String SETTINGS = "/api/v1/models/{p}/prediction-log";
    private static final String PREDICTIONS = "/api/v1/models/{p}/predictions";
    /** Its score is 0.6 to {@link SmallModels#anomalyDetector}, above the threshold of 0.5; its mean grey value 153. */
    private static final byte[] GREY = png(new Color(153, 153, 153));

    private static final Map<String, Object> FULL = Map.of("mode", "FULL");

    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @Inject
    DataSource database;

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    MeterRegistry metrics;

    @TempDir
    Path folder;

    private Project detector() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder.resolve(project.name())), 0.9);
        return project;
    }

    private Project classifier() {
        Project project = Project.of(Task.CLASSIFICATION);
        client.publish(
                project,
                1,
                "READY",
                SmallModels.classifier(folder.resolve(project.name()), 2, List.of("red", "blue")),
                0.9);
        return project;
    }

    private static Response set(Project project, Map<String, ?> settings) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(settings)
                .put(SETTINGS, project.name());
    }

    private static void log(Project project, Map<String, ?> settings) {
        set(project, settings).then().statusCode(200);
    }

    private static String predict(Project project, byte[] image) {
        return given().body(image)
                .post("/api/v1/models/{p}/predict?version=1", project.name())
                .then()
                .statusCode(200)
                .extract()
                .path("predictionId");
    }

    /** Predicts copies of an image in one request, and returns the ids of the predictions. */
    private List<String> predict(Project project, int copies, byte[] image) {
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .setModelName(project.name())
                .setModelVersion("1")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("image")
                        .setDatatype("BYTES")
                        .addShape(copies)
                        .setContents(InferTensorContents.newBuilder()
                                .addAllBytesContents(Collections.nCopies(copies, ByteString.copyFrom(image)))))
                .build();
        return List.of(client.open()
                .modelInfer(request)
                .getParametersOrThrow("prediction_id")
                .getStringParam()
                .split(","));
    }

    private static ValidatableResponse list(Project project, String parameters) {
        return given().get(PREDICTIONS + parameters, project.name()).then().statusCode(200);
    }

    private static void awaitLogged(Project project, int predictions) {
        await().atMost(TestClient.PATIENCE)
                .until(() -> list(project, "?limit=1000")
                                .extract()
                                .<List<?>>path("items")
                                .size()
                        == predictions);
    }

    private double counted(String outcome) {
        return metrics.get("loupe.prediction.log")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    @Test
    void predictionsOfProductsSayWhichOneTheImageWasComparedWith() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.productDetector(folder.resolve("products")), 0.9);
        log(project, FULL);
        String dark = predict(project, png(Color.BLACK));
        String light = given().body(png(Color.BLACK))
                .queryParam("product", "light")
                .post("/api/v1/models/{p}/predict?version=1", project.name())
                .then()
                .statusCode(200)
                .extract()
                .path("predictionId");
        awaitLogged(project, 2);
        list(project, "?product=dark")
                .body("items.id", equalTo(List.of(dark)), "items.label", equalTo(List.of("normal")));
        list(project, "?product=light")
                .body("items.id", equalTo(List.of(light)), "items.label", equalTo(List.of("abnormal")))
                .body("items.product", equalTo(List.of("light")));
        list(project, "?product=none").body("items", hasSize(0));
    }

    @Test
    void everyAnswerHasAnIdThatNamesItsRowWhicheverApiItCameFrom() throws Exception {
        Project project = detector();
        log(project, FULL);
        String typed = client.typed()
                .detectAnomaly(DetectAnomalyRequest.newBuilder()
                        .setSelector(ModelSelector.newBuilder()
                                .setModel(project.name())
                                .setVersion("1"))
                        .setImage(ByteString.copyFrom(GREY))
                        .build())
                .getProvenance()
                .getPredictionId();
        String http = predict(project, GREY);
        List<String> batch = predict(project, 2, GREY);

        awaitLogged(project, 4);
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(GREY));
        list(project, "")
                .body("items.id", equalTo(List.of(batch.get(1), batch.get(0), http, typed)))
                .body("items.label", everyItem(equalTo("abnormal")))
                .body("items.imageSha256", everyItem(equalTo(sha256)))
                .body("items.brightness", everyItem(equalTo(153.0f)));
        given().get(PREDICTIONS + "/{id}", project.name(), typed)
                .then()
                .statusCode(200)
                .body("id", equalTo(typed), "version", equalTo(1), "thresholdVersion", equalTo(1))
                .body("score.doubleValue()", closeTo(0.6, 1e-6), "threshold", equalTo(0.5f))
                .body("width", equalTo(20), "height", equalTo(10), "mediaType", equalTo("image/png"))
                .body("sharpness", equalTo(0.0f), "imageKept", equalTo(false), "margin", nullValue())
                .body("outcome", nullValue(), "outcomeRevision", equalTo(0));
    }

    @Test
    void projectThatDoesNotLogHasIdsAndNoRows() {
        Project project = detector();
        given().get(SETTINGS, project.name())
                .then()
                .statusCode(200)
                .header("ETag", "\"0\"")
                .body("revision", equalTo(0), "settings.mode", equalTo("OFF"))
                .body("settings.keepImages", equalTo(false), "settings.retentionDays", equalTo(30));
        String id = predict(project, GREY);
        assertEquals(7, UUID.fromString(id).version());

        log(project, FULL);
        predict(project, GREY); // rows are written in order: the earlier one would be there, too
        awaitLogged(project, 1);
        given().get(PREDICTIONS + "/{id}", project.name(), id)
                .then()
                .statusCode(404)
                .body("code", equalTo("PREDICTION_NOT_FOUND"));
    }

    @Test
    void tensorsAreLoggedWithoutMeasuresAndClassifiersWithTheirMargin() {
        Project project = classifier();
        log(project, FULL);
        predict(project, png(Color.RED));
        given().contentType(ContentType.JSON)
                .body(Map.of(
                        "inputs",
                        List.of(Map.of(
                                "name",
                                "pixels",
                                "datatype",
                                "UINT8",
                                "shape",
                                List.of(1, 1, 1, 3),
                                "data",
                                List.of(0, 0, 255)))))
                .post("/v2/models/{m}/versions/1/infer", project.name())
                .then()
                .statusCode(200);

        awaitLogged(project, 2);
        // softmax(2, 0), by hand, and its margin: p - (1 - p)
        double red = Math.exp(2) / (Math.exp(2) + 1);
        list(project, "?label=red")
                .body("items", hasSize(1))
                .body("items[0].score.doubleValue()", closeTo(red, 1e-6))
                .body("items[0].margin.doubleValue()", closeTo(2 * red - 1, 1e-6))
                .body("items[0].threshold", nullValue(), "items[0].width", equalTo(20));
        list(project, "?label=blue")
                .body("items", hasSize(1))
                .body("items[0].imageSha256", nullValue(), "items[0].brightness", nullValue());
    }

    @Test
    void predictionsAreFilteredPagedAndCounted() {
        Project project = detector();
        log(project, FULL);
        Instant begin = Instant.now();
        predict(project, 3, GREY); // 0.6: abnormal
        predict(project, 2, png(new Color(51, 51, 51))); // 0.2: normal
        awaitLogged(project, 5);

        list(project, "?minScore=0.5").body("items", hasSize(3));
        list(project, "?maxScore=0.5&version=1").body("items", hasSize(2));
        list(project, "?version=2").body("items", hasSize(0));
        list(project, "?to=" + begin).body("items", hasSize(0));
        String cursor = list(project, "?label=abnormal&limit=2&from=" + begin)
                .body("items", hasSize(2))
                .extract()
                .path("nextCursor");
        list(project, "?label=abnormal&limit=2&cursor=" + cursor).body("items", hasSize(1), "nextCursor", nullValue());

        given().get(PREDICTIONS + "/counts?interval=DAY", project.name())
                .then()
                .statusCode(200)
                .body("interval", equalTo("DAY"))
                .body("items.predictions.sum()", equalTo(5))
                .body("items.findAll { it.label == 'abnormal' }.predictions.sum()", equalTo(3))
                .body("items.find { it.label == 'abnormal' }.meanScore.doubleValue()", closeTo(0.6, 1e-6))
                .body("items.find { it.label == 'abnormal' }.meanBrightness.doubleValue()", closeTo(153, 1e-6));
    }

    @ParameterizedTest
    @CsvSource({
        "?from=yesterday, INVALID_REQUEST, from",
        "?to=%2B1000000000-12-31T00:00:00Z, INVALID_REQUEST, to",
        "?cursor=eA, INVALID_CURSOR, cursor",
        "?limit=0, INVALID_REQUEST, limit",
        "/counts?interval=MINUTE&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z, INVALID_REQUEST, 1000 periods",
        "/counts?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z, INVALID_REQUEST, periods",
    })
    void wrongParametersAreRefused(String parameters, String code, String named) {
        Project project = classifier();
        given().get(PREDICTIONS + parameters, project.name())
                .then()
                .statusCode(400)
                .body("code", equalTo(code), "detail", containsString(named));
    }

    @Test
    void sampledLogHasAboutItsShareOfThePredictions() {
        Project project = classifier();
        log(project, Map.of("mode", "SAMPLED", "share", 0.5));
        byte[] image = png(Color.RED);
        for (int i = 0; i < 10; i++) {
            predict(project, 20, image);
        }
        log(project, FULL);
        String last = predict(project, image);
        await().atMost(TestClient.PATIENCE)
                .until(() ->
                        given().get(PREDICTIONS + "/{id}", project.name(), last).statusCode() == 200);

        int logged =
                list(project, "?limit=1000").extract().<List<?>>path("items").size() - 1;
        // Binomial(200, 0.5) is outside of this with a probability below 1e-8.
        assertTrue(logged > 60 && logged < 140, "logged " + logged + " of 200");
    }

    @Test
    void imagesAreKeptOnlyIfTheProjectSaysSoAndUntilTheyAreTooOld() {
        Project project = detector();
        log(project, FULL);
        String without = predict(project, GREY);
        String another = predict(project, GREY);
        log(project, Map.of("mode", "FULL", "keepImages", true, "retentionDays", 2));
        String with = predict(project, GREY);
        awaitLogged(project, 3);

        given().get(PREDICTIONS + "/{id}/image", project.name(), without)
                .then()
                .statusCode(404)
                .body("code", equalTo("IMAGE_NOT_FOUND"));
        Response image = given().get(PREDICTIONS + "/{id}/image", project.name(), with);
        image.then().statusCode(200).contentType("image/png");
        assertArrayEquals(GREY, image.asByteArray());
        String prefix = "predictions/" + project.id() + "/";
        assertEquals(List.of(prefix + with), keys(prefix));

        String old = age(project, without, Duration.ofDays(3));
        String today = age(project, another, Duration.ofHours(2));
        UUID orphan = id(Duration.ofHours(3)); // as a replica leaves it that ends before it writes the row
        store.put(new ObjectLocation(storage.bucket(), prefix + orphan), GREY, "image/png");
        await().atMost(TestClient.PATIENCE).until(() -> keys(prefix), List.of(prefix + today, prefix + with)::equals);
        list(project, "").body("items.id", equalTo(List.of(with, today)));
        assertNotEquals(old, with);
    }

    @Test
    void predictionsOfADeletedProjectAreDeletedWithTheirImages() {
        Project project = detector();
        log(project, Map.of("mode", "FULL", "keepImages", true));
        String id = predict(project, GREY);
        awaitLogged(project, 1);
        age(project, id, Duration.ofDays(3));
        client.send(ProjectChanged.newBuilder()
                .setProjectId(project.id().toString())
                .setName(project.name())
                .setRevision(1)
                .setDeleted(true)
                .build());
        await().atMost(TestClient.PATIENCE).until(() -> rows(project) == 0);
        // That of the row before it got its age is no row's any more.
        assertEquals(List.of("predictions/" + project.id() + "/" + id), keys("predictions/" + project.id() + "/"));
    }

    private List<String> keys(String prefix) {
        return store.list(storage.bucket(), prefix).stream()
                .map(object -> object.location().key())
                .toList();
    }

    private int rows(Project project) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select count(*) from prediction where project_id = :project")
                        .bind("project", project.id())
                        .mapTo(int.class)
                        .one());
    }

    /** An id of this age. */
    private static UUID id(Duration age) {
        return new UUID(Instant.now().minus(age).toEpochMilli() << 16 | 0x7000, 0x8000_0000_0000_0001L);
    }

    /** Makes a prediction so old, with an image. Returns its id, which has the time. */
    private String age(Project project, String prediction, Duration age) {
        UUID old = id(age);
        store.put(new ObjectLocation(storage.bucket(), "predictions/" + project.id() + "/" + old), GREY, "image/png");
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update prediction set id = :old, created_at = now() - make_interval(secs => :age),
                            image_kept = true
                        where id = :id""")
                .bind("age", age.toSeconds())
                .bind("old", old)
                .bind("id", UUID.fromString(prediction))
                .execute());
        return old.toString();
    }

    @Test
    void settingsChangeByRevisionAndAreAudited() {
        Project project = classifier();
        log(project, Map.of("mode", "SAMPLED", "share", 0.25, "retentionDays", 7));
        given().contentType(ContentType.JSON)
                .header("If-Match", "\"0\"")
                .body(FULL)
                .put(SETTINGS, project.name())
                .then()
                .statusCode(409)
                .body("code", equalTo("STALE_REVISION"));
        given().get(SETTINGS, project.name())
                .then()
                .body("revision", equalTo(1), "actor", equalTo("anna"))
                .body("settings.mode", equalTo("SAMPLED"), "settings.share", equalTo(0.25f))
                .body("settings.retentionDays", equalTo(7));
        assertEquals(List.of("anna"), jdbi.withHandle(handle -> handle.createQuery(
                        "select actor from audit where action = 'prediction-log.replace' and subject = :subject")
                .bind("subject", "models/" + project.name() + "/prediction-log")
                .mapTo(String.class)
                .list()));
    }

    @ParameterizedTest
    @CsvSource({"SAMPLED,,30", "SAMPLED,1.5,30", "SAMPLED,0,30", "FULL,0.5,30", "FULL,,0", "FULL,,4000"})
    void settingsWithoutMeaningAreRefused(String mode, Double share, int days) {
        Project project = classifier();
        Map<String, Object> settings = new HashMap<>(Map.of("mode", mode, "retentionDays", days));
        if (share != null) {
            settings.put("share", share);
        }
        set(project, settings).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
    }

    @Test
    void predictionsAreAnsweredWhileTheLogCannotBeWrittenAndWhatDoesNotFitIsCounted() throws Exception {
        Project project = classifier();
        log(project, FULL);
        double dropped = counted("dropped");
        int sent = 0;
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table prediction in access exclusive mode");
            while (counted("dropped") == dropped) {
                sent += predict(project, 32, png(Color.BLUE)).size();
                assertTrue(sent < 2_000, "nothing was dropped of " + sent);
            }
            connection.rollback();
        }
        int lost = (int) (counted("dropped") - dropped);
        awaitLogged(project, sent - lost);
        assertTrue(lost < sent, lost + " of " + sent);
    }
}
