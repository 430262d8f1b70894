package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.closeTo;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.ReportOutcomeRequest;
import dev.loupe.inference.v1.ReportOutcomeResponse;
import dev.loupe.testing.DevstackTestResource;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class OutcomeIT {
    private static final String PREDICTION = "/api/v1/models/{p}/predictions/{id}";
    /** Abnormal to {@link SmallModels#anomalyDetector}. */
    private static final byte[] GREY = png(new Color(153, 153, 153));
    /** Normal to it. */
    private static final byte[] DARK = png(new Color(51, 51, 51));

    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @TempDir
    Path folder;

    private Project detector() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder.resolve(project.name())), 0.9);
        given().contentType(ContentType.JSON)
                .body(Map.of("mode", "FULL"))
                .put("/api/v1/models/{p}/prediction-log", project.name())
                .then()
                .statusCode(200);
        return project;
    }

    /** Predicts, and waits until the prediction is logged. */
    private static String logged(Project project, byte[] image) {
        String id = given().body(image)
                .post("/api/v1/models/{p}/predict?version=1", project.name())
                .then()
                .statusCode(200)
                .extract()
                .path("predictionId");
        await().atMost(TestClient.PATIENCE)
                .until(() -> given().get(PREDICTION, project.name(), id).statusCode() == 200);
        return id;
    }

    private static Response report(Project project, String id, String label) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(Map.of("label", label))
                .put(PREDICTION + "/outcome", project.name(), id);
    }

    private ReportOutcomeResponse reportTyped(Project project, String id, String label) {
        return client.typed()
                .reportOutcome(ReportOutcomeRequest.newBuilder()
                        .setModel(project.name())
                        .setPredictionId(id)
                        .setLabel(label)
                        .build());
    }

    private List<String> corrections(Project project, String id) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select detail from audit where action = 'outcome.correct' and subject = :subject order by id")
                .bind("subject", "models/" + project.name() + "/predictions/" + id)
                .mapTo(String.class)
                .list());
    }

    @Test
    void outcomeIsReportedOnceHoweverOftenItIsSentAndACorrectionIsAudited() {
        Project project = detector();
        String id = logged(project, GREY);
        for (int i = 0; i < 2; i++) {
            report(project, id, "abnormal")
                    .then()
                    .statusCode(200)
                    .body("outcome", equalTo("abnormal"), "outcomeRevision", equalTo(1))
                    .body("outcomeActor", equalTo("anna"));
        }
        assertEquals(List.of(), corrections(project, id));

        ReportOutcomeResponse corrected = reportTyped(project, id, "normal");
        assertEquals("normal", corrected.getLabel());
        assertEquals("abnormal", corrected.getPredictedLabel());
        assertEquals(2, corrected.getRevision());
        assertEquals(1, corrected.getVersion());
        assertEquals(2, reportTyped(project, id, "normal").getRevision());
        assertEquals(List.of("revision 2: normal, before abnormal by anna"), corrections(project, id));
        given().get(PREDICTION, project.name(), id)
                .then()
                .body("outcome", equalTo("normal"), "label", equalTo("abnormal"));
    }

    @Test
    void predictionsDoNotWaitForOutcomesThatWaitForTheDatabase() {
        Project project = detector();
        String id = logged(project, GREY);
        List<ManagedChannel> channels = new ArrayList<>();
        List<ListenableFuture<ReportOutcomeResponse>> reports = new ArrayList<>();
        try {
            QuarkusTransaction.requiringNew().run(() -> {
                jdbi.useHandle(handle -> handle.execute("lock table prediction in access exclusive mode"));
                for (int i = 0; i < 5; i++) { // more calls than the server has threads
                    ManagedChannel channel = client.anotherChannel();
                    channels.add(channel);
                    for (int j = 0; j < 90; j++) {
                        reports.add(InferenceServiceGrpc.newFutureStub(channel)
                                .reportOutcome(ReportOutcomeRequest.newBuilder()
                                        .setModel(project.name())
                                        .setPredictionId(id)
                                        .setLabel("normal")
                                        .build()));
                    }
                }
                await().atMost(TestClient.PATIENCE).until(() -> reports.stream().anyMatch(Future::isDone));
                assertEquals(
                        "1",
                        client.open()
                                .modelInfer(image(project, "1", GREY).build())
                                .getModelVersion());
            });
            List<Status.Code> refused = reports.stream()
                    .map(OutcomeIT::status)
                    .filter(code -> code != Status.Code.OK)
                    .distinct()
                    .toList();
            assertTrue(
                    Set.of(Status.Code.RESOURCE_EXHAUSTED, Status.Code.UNAVAILABLE)
                            .containsAll(refused),
                    refused.toString());
            assertEquals("normal", reportTyped(project, id, "normal").getLabel());
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    private static Status.Code status(ListenableFuture<ReportOutcomeResponse> report) {
        try {
            report.get();
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e).getCode();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"01a00000-0000-7000-8000-000000000000", "not-an-id"})
    void unknownPredictionIsNotFound(String id) {
        Project project = detector();
        report(project, id, "normal").then().statusCode(404).body("code", equalTo("PREDICTION_NOT_FOUND"));
        StatusRuntimeException refused =
                assertThrows(StatusRuntimeException.class, () -> reportTyped(project, id, "normal"));
        assertEquals(Status.Code.NOT_FOUND, refused.getStatus().getCode());
        assertEquals("PREDICTION_NOT_FOUND", TestClient.reason(refused));
    }

    @Test
    void predictionOfAnotherProjectIsNotFound() {
        Project project = detector();
        String id = logged(project, GREY);
        report(detector(), id, "normal").then().statusCode(404).body("code", equalTo("PREDICTION_NOT_FOUND"));
    }

    @Test
    void labelThatADetectorDoesNotHaveIsRefused() {
        Project project = detector();
        String id = logged(project, GREY);
        report(project, id, "scratch").then().statusCode(422).body("code", equalTo("LABEL_INVALID"));
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, () -> reportTyped(project, id, ""));
        assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
        assertEquals("LABEL_INVALID", TestClient.reason(refused));
    }

    @Test
    void liveMetricsCountThePredictionsWhoseOutcomeIsKnown() {
        Project project = detector();
        report(project, logged(project, GREY), "abnormal").then().statusCode(200);
        report(project, logged(project, GREY), "normal").then().statusCode(200); // a false alarm
        report(project, logged(project, DARK), "normal").then().statusCode(200);
        report(project, logged(project, DARK), "normal").then().statusCode(200);
        logged(project, DARK);

        given().get("/api/v1/models/{p}/live-metrics", project.name())
                .then()
                .statusCode(200)
                .body("task", equalTo("ANOMALY_DETECTION"), "versions", hasSize(1))
                .body("versions[0].version", equalTo(1), "versions[0].rates.predictions", equalTo(5))
                .body(
                        "versions[0].rates.accuracy.count",
                        equalTo(3),
                        "versions[0].rates.accuracy.predictions",
                        equalTo(4))
                // Wilson, by hand: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p = 3/4, n = 4
                .body("versions[0].rates.accuracy.lower.doubleValue()", closeTo(0.300642, 1e-5))
                .body("versions[0].rates.accuracy.upper.doubleValue()", closeTo(0.954413, 1e-5))
                .body("versions[0].rates.falseAlarms.count", equalTo(1))
                .body("versions[0].rates.falseAlarms.predictions", equalTo(3))
                .body("versions[0].rates.misses.count", equalTo(0), "versions[0].rates.misses.predictions", equalTo(1))
                .body(
                        "versions[0].confusion.find { it.outcome == 'normal' && it.label == 'abnormal' }.predictions",
                        equalTo(1))
                .body("versions[0].days.rates.predictions.sum()", equalTo(5));
        given().get("/api/v1/models/{p}/live-metrics?version=2", project.name())
                .then()
                .body("versions", hasSize(0));
        given().get("/api/v1/models/{p}/live-metrics?from=2020-01-01T00:00:00Z", project.name())
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
    }

    @Test
    void liveMetricsWithoutOutcomesHaveNoRates() {
        Project project = detector();
        logged(project, GREY);
        given().get("/api/v1/models/{p}/live-metrics", project.name())
                .then()
                .statusCode(200)
                .body("versions[0].rates.predictions", equalTo(1), "versions[0].rates.accuracy", nullValue());
        assertEquals(7, UUID.fromString(logged(project, GREY)).version());
    }
}
