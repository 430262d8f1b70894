package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.events.v1.DriftDetected;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class DriftIT {
    private static final String DRIFT = "/api/v1/models/{p}/versions/1/drift";

    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @Inject
    MeterRegistry metrics;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @TempDir
    Path folder;

    private final Random random = new Random(1);

    /** Predicts images of one grey value each, as a camera with changing light sees them, in batches of 20. */
    private void predict(Project project, int images, double light) {
        int before = logged(project);
        for (int done = 0; done < images; done += 20) {
            List<ByteString> batch = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int grey = (int) (light * (140 + random.nextInt(40)));
                batch.add(ByteString.copyFrom(png(new Color(grey, grey, grey))));
            }
            client.open()
                    .modelInfer(ModelInferRequest.newBuilder()
                            .setModelName(project.name())
                            .setModelVersion("1")
                            .addInputs(InferInputTensor.newBuilder()
                                    .setName("image")
                                    .setDatatype("BYTES")
                                    .addShape(20)
                                    .setContents(
                                            InferTensorContents.newBuilder().addAllBytesContents(batch)))
                            .build());
            int expected = before + done + 20;
            await().atMost(TestClient.PATIENCE).until(() -> logged(project) == expected);
        }
    }

    private int logged(Project project) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select count(*) from prediction where project_id = :project")
                        .bind("project", project.id())
                        .mapTo(int.class)
                        .one());
    }

    private double alerts(String measure) {
        return metrics.get("loupe.drift.alerts")
                .tag("measure", measure)
                .counter()
                .count();
    }

    private static void awaitState(Project project, String state, int windows) {
        await().atMost(TestClient.PATIENCE).untilAsserted(() -> given().get(DRIFT, project.name())
                .then()
                .statusCode(200)
                .body("state", equalTo(state), "windows", hasSize(windows)));
    }

    @Test
    void darkenedImagesRaiseOneAlertForEachMeasureUntilTheReferenceIsReset() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder), 0.9);
        given().contentType(ContentType.JSON)
                .body(Map.of("mode", "FULL"))
                .put("/api/v1/models/{p}/prediction-log", project.name())
                .then()
                .statusCode(200);
        double before = alerts("brightness");
        awaitState(project, "COLLECTING", 0);
        predict(project, 500, 1);
        awaitState(project, "STABLE", 0);
        predict(project, 100, 1);
        awaitState(project, "STABLE", 1);
        assertEquals(before, alerts("brightness"));

        predict(project, 200, 0.8);
        awaitState(project, "DRIFTED", 3);
        given().get(DRIFT, project.name())
                .then()
                .body("drifted", hasItems("BRIGHTNESS", "SCORE"))
                .body("windows.drifted", equalTo(List.of(true, true, false)))
                .body("windows[0].images", equalTo(100));
        assertEquals(before + 1, alerts("brightness"), "the second window continues the drift of the first one");
        assertTrue(metrics.get("loupe.drift.versions").gauge().value() >= 1);
        assertEquals(List.of("BRIGHTNESS", "SCORE"), announced(project));

        jdbi.useHandle(
                handle -> handle.createUpdate("""
                        update drift_window set ended_at = now() - interval '31 days'
                        where project_id = :project and not drifted""").bind("project", project.id()).execute());
        awaitState(project, "DRIFTED", 2); // the one that is older than the retention is deleted

        given().header("X-Loupe-Actor", "anna")
                .delete(DRIFT + "/reference", project.name())
                .then()
                .statusCode(204);
        awaitState(project, "COLLECTING", 0);
        assertEquals(List.of("anna"), jdbi.withHandle(handle -> handle.createQuery(
                        "select actor from audit where action = 'drift.reset' and subject = :subject")
                .bind("subject", "models/" + project.name() + "/versions/1")
                .mapTo(String.class)
                .list()));
    }

    /** The measures of the events, sorted. */
    private List<String> announced(Project project) {
        return measures(
                project,
                TopicReader.read(
                        brokers, "loupe.models", all -> measures(project, all).size() >= 2));
    }

    private static List<String> measures(Project project, List<ConsumerRecord<String, byte[]>> records) {
        return records.stream()
                .filter(record -> record.key().equals(project.id().toString()))
                .filter(record -> TopicReader.type(record).equals("dev.loupe.drift-detected.v1"))
                .map(record -> parsed(record.value()).getMeasure())
                .sorted()
                .toList();
    }

    private static DriftDetected parsed(byte[] data) {
        try {
            return DriftDetected.parseFrom(data);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
