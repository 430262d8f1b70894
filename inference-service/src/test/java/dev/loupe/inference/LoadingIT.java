package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.PATIENCE;
import static dev.loupe.inference.TestClient.image;
import static dev.loupe.inference.TestClient.reason;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.events.v1.ModelOrigin;
import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.oip.v2.ModelReadyRequest;
import dev.loupe.testing.CapturedLog;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class LoadingIT {
    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    @ConfigProperty(name = "loupe.inference.cache.directory")
    Path cache;

    @TempDir
    Path folder;

    private final Project project = Project.of(Task.CLASSIFICATION);

    private Path classifier(int gain) {
        return SmallModels.classifier(folder.resolve("gain-" + gain), gain, List.of("red", "blue"));
    }

    private ModelPackageProduced ready(int version) {
        return client.publish(project, version, "READY", classifier(version), 0.9);
    }

    private String answer(String version) {
        return client.open()
                .modelInfer(image(project, version, png(Color.RED)).build())
                .getModelVersion();
    }

    @Test
    void versionTellsWhetherItWasTrainedOrImported() {
        ready(1); // the event names no origin, as those of older releases
        client.send(client.upload(project, classifier(2), 0.9, "test").toBuilder()
                .setOrigin(ModelOrigin.IMPORTED)
                .build());
        client.awaitState(project, 2, "READY");

        given().get("/api/v1/models/{p}/versions", project.name())
                .then()
                .body("items.origin", equalTo(List.of("IMPORTED", "TRAINED")));
        client.version(project, 2).then().body("origin", equalTo("IMPORTED"));
    }

    @Test
    void aDamagedPackageIsUnavailableAndThePreviousVersionContinuesToServe() throws IOException {
        ready(1);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        ModelPackageProduced event = client.upload(project, classifier(2), 0.9, "test");
        byte[] onnx = Files.readAllBytes(folder.resolve("gain-2").resolve(ModelPackage.MODEL));
        byte[] flipped = onnx.clone();
        flipped[onnx.length / 2] ^= 1;
        client.spoil(event, ModelPackage.MODEL, flipped);
        client.send(event);
        client.awaitState(project, 2, "UNAVAILABLE");

        client.version(project, 2).then().body("reason", containsString("sha256"));
        client.promote(project, "production", Map.of("version", 2))
                .then()
                .statusCode(503)
                .body("code", equalTo("MODEL_NOT_READY"), "detail", containsString("sha256"));
        assertEquals("1", answer(""));
        StatusRuntimeException e = assertThrows(StatusRuntimeException.class, () -> answer("2"));
        assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode());
        assertEquals("MODEL_NOT_READY", reason(e));
        assertFalse(isReady("2"));

        client.spoil(event, ModelPackage.MODEL, onnx); // repaired: it is tried again, and again
        client.awaitState(project, 2, "READY");
        assertEquals("2", answer("2"));
    }

    @Test
    void refusesAModelThatDoesNotReproduceItsParitySamples() throws IOException {
        Path package1 = classifier(1);
        Path other = classifier(3);
        Files.copy(
                other.resolve(ModelPackage.MODEL),
                package1.resolve(ModelPackage.MODEL),
                StandardCopyOption.REPLACE_EXISTING);
        ModelManifest manifest = ModelPackage.open(other).manifest();
        ModelManifest first = ModelPackage.parse(Files.readAllBytes(package1.resolve(ModelPackage.MANIFEST)));
        Map<String, StoredFile> files = new HashMap<>(first.files());
        files.put(ModelPackage.MODEL, manifest.files().get(ModelPackage.MODEL));
        ModelPackage.seal(
                package1,
                new ModelManifest(
                        first.formatVersion(),
                        first.task(),
                        first.input(),
                        first.preprocessing(),
                        first.labels(),
                        first.threshold(),
                        first.outputs(),
                        first.metrics(),
                        first.devMetrics(),
                        first.warnings(),
                        first.datasetVersion(),
                        first.lineage(),
                        files,
                        first.paritySamples()));
        client.publish(project, 1, "UNAVAILABLE", package1, 0.9);
        client.version(project, 1).then().body("reason", containsString("parity"));
    }

    @Test
    void refusesAModelOfAnotherTaskAndAFileThatIsNoModel() {
        client.publish(project, 1, "UNAVAILABLE", SmallModels.anomalyDetector(folder.resolve("light")), 0.9);
        client.version(project, 1).then().body("reason", containsString("ANOMALY_DETECTION"));
        ModelPackageProduced event = client.upload(project, classifier(2), 0.9, "test");
        client.spoil(event, ModelPackage.MANIFEST, "{}".getBytes(StandardCharsets.UTF_8));
        client.send(event);
        client.awaitState(project, 2, "UNAVAILABLE");
        ready(3);
        assertEquals("3", answer("3"));
    }

    @Test
    void loadsAnOlderVersionOnRequestAndVerifiesWhatLiesOnTheDisk() throws IOException {
        ModelPackageProduced first = ready(1);
        ready(2);
        unload(1);
        assertTrue(isReady("1"), "ModelInfer loads it");
        client.version(project, 1).then().body("state", equalTo("UNLOADED"), "memoryBytes", equalTo(null));

        assertEquals("1", answer("1"));
        assertTrue(isReady("1"));
        client.version(project, 1).then().body("state", equalTo("READY"), "memoryBytes", greaterThan(10_000));
        unload(1);

        // What lies on the disk is verified at each load.
        Path cached = cache.resolve("packages")
                .resolve(first.getManifest().getSha256())
                .resolve(ModelPackage.MODEL);
        byte[] onnx = Files.readAllBytes(cached);
        byte[] flipped = onnx.clone();
        flipped[onnx.length - 1] ^= 1;
        Files.write(cached, flipped);
        assertEquals("1", answer("1"));
        assertEquals(-1, Files.mismatch(cached, folder.resolve("gain-1").resolve(ModelPackage.MODEL)));
    }

    private void unload(int version) {
        given().body("{\"parameters\": {\"version\": %d}}".formatted(version))
                .post("/v2/repository/models/{p}/unload", project.name())
                .then()
                .statusCode(200);
        client.awaitState(project, version, "UNLOADED");
    }

    @Test
    void aRepeatedEventRegistersOneVersion() {
        ModelPackageProduced event = client.upload(project, classifier(1), 0.9, "test");
        client.send("once-" + project.id(), "dev.loupe.model-package-produced.v1", event.toByteArray());
        client.send("once-" + project.id(), "dev.loupe.model-package-produced.v1", event.toByteArray());
        client.send(event);
        client.send("x" + project.id(), "dev.loupe.something-else.v1", new byte[] {1, 2, 3});
        ready(2);
        given().get("/api/v1/models/{p}/versions", project.name()).then().body("items.number", equalTo(List.of(2, 1)));
    }

    @Test
    void unreadableEventBecomesADeadLetterAndTheNextOneIsProcessed() {
        String id = UUID.randomUUID().toString();
        client.send(id, "dev.loupe.model-package-produced.v1", ("no protobuf " + id).getBytes(StandardCharsets.UTF_8));
        ModelPackageProduced event = client.upload(project, classifier(1), 0.9, "test");
        client.send(event.toBuilder().setProjectId("no id " + id).build());
        client.send(event);
        client.awaitState(project, 1, "READY");
        awaitDeadLetters(id, 2);
    }

    @Test
    void appliesAMoveWhoseEventWasLost() {
        ready(1);
        ready(2);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update alias set version = 2, generation = generation + 1 where project_id = :project")
                .bind("project", project.id())
                .execute());
        await().atMost(PATIENCE).until(() -> answer("").equals("2"));
    }

    @Test
    void logsOfAVersionHaveTheIdAndTraceOfItsRun() {
        String trace = UUID.randomUUID().toString().replace("-", "");
        ModelPackageProduced event = client.upload(project, classifier(1), 0.9, "test");
        try (CapturedLog log = CapturedLog.begin()) {
            client.send(
                    UUID.randomUUID().toString(),
                    "dev.loupe.model-package-produced.v1",
                    event.toByteArray(),
                    "00-" + trace + "-00f067aa0ba902b7-00");
            client.awaitState(project, 1, "READY");
            String model = "model '" + project.name() + "' version 1 ";
            await().atMost(PATIENCE).until(() -> !log.lines(model + "is READY").isEmpty());

            List<CapturedLog.Line> lines = log.lines(model);
            assertEquals(2, lines.size(), "registered and READY: " + lines);
            lines.forEach(line -> {
                assertEquals(trace, line.ids().get("traceId"), line.toString());
                assertEquals(event.getRunId(), line.ids().get("runId"), line.toString());
                assertEquals(project.name(), line.ids().get("project"), line.toString());
            });
        }
        List<String> announced = TopicReader.read(brokers, "loupe.models", all -> all.stream()
                        .anyMatch(record -> record.key().equals(project.id().toString())))
                .stream()
                .filter(record -> record.key().equals(project.id().toString()))
                .map(record ->
                        new String(record.headers().lastHeader("traceparent").value(), StandardCharsets.UTF_8))
                .toList();
        assertTrue(announced.getFirst().startsWith("00-" + trace + "-"), announced.toString());
    }

    private boolean isReady(String version) {
        return client.open()
                .modelReady(ModelReadyRequest.newBuilder()
                        .setName(project.name())
                        .setVersion(version)
                        .build())
                .getReady();
    }

    private void awaitDeadLetters(String words, int count) {
        TopicReader.read(
                brokers,
                "loupe.dead-letters",
                letters -> letters.stream()
                                .filter(letter -> new String(letter.value(), StandardCharsets.UTF_8).contains(words))
                                .count()
                        >= count);
    }
}
