package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static dev.loupe.inference.TestClient.reason;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.RetryInfo;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.testing.DevstackTestResource;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class MemoryBudgetIT {
    private static final long MEBIBYTE = 1 << 20;
    private static final int VERSIONS = 30;
    private static final int LARGE = 8;

    @Inject
    TestClient client;

    @Inject
    MeterRegistry metrics;

    @TempDir
    Path folder;

    private final Project project = Project.of(Task.CLASSIFICATION);

    private Path large(int gain, int mebibytes) {
        return SmallModels.heavyClassifier(folder.resolve("gain-" + gain), gain, mebibytes);
    }

    private double memory(String state) {
        return metrics.get("loupe.models.memory").tag("state", state).gauge().value();
    }

    private void pin(int version) {
        given().put("/api/v1/models/{p}/versions/{n}/pin", project.name(), version)
                .then()
                .statusCode(200)
                .body("pinned", equalTo(true));
    }

    private void unpin(int version) {
        given().delete("/api/v1/models/{p}/versions/{n}/pin", project.name(), version)
                .then()
                .statusCode(200)
                .body("pinned", equalTo(false));
    }

    /** Asks a version for red, and returns the probability of it. */
    private float red(int version) {
        ModelInferResponse response = client.open()
                .modelInfer(image(project, String.valueOf(version), png(Color.RED))
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("probabilities"))
                        .build());
        assertEquals(String.valueOf(version), response.getModelVersion());
        return response.getOutputs(0).getContents().getFp32ContentsCount() > 0
                ? response.getOutputs(0).getContents().getFp32Contents(0)
                : response.getRawOutputContents(0)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getFloat();
    }

    /** As {@link #red}, but asks again while the version is being loaded. */
    private float redOnceLoaded(int version) {
        return await().atMost(TestClient.PATIENCE)
                .ignoreExceptionsMatching(failure -> failure instanceof StatusRuntimeException refused
                        && refused.getStatus().getCode() == Status.Code.UNAVAILABLE)
                .until(() -> red(version), _ -> true);
    }

    private static float expected(int gain) {
        return (float) (1 / (1 + Math.exp(-gain)));
    }

    @Test
    void manyVersionsAreServedInTurnWithinTheBudgetWhileAnotherAnswers() {
        client.publish(
                project, 1, "READY", SmallModels.classifier(folder.resolve("hot"), 1, List.of("red", "blue")), 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        for (int version = 2; version <= VERSIONS; version++) {
            client.send(client.upload(project, large(version % 7 + 1, LARGE), 0.9, "test"));
        }
        client.awaitState(project, VERSIONS, "READY");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger answers = new AtomicInteger();
        CompletableFuture<Void> hot = CompletableFuture.runAsync(() -> {
            while (!over.get()) {
                assertEquals(expected(1), red(1), 1e-5);
                answers.incrementAndGet();
            }
        });

        double most = 0;
        try {
            for (int version = 2; version <= VERSIONS; version++) {
                assertEquals(expected(version % 7 + 1), redOnceLoaded(version), 1e-5, "version " + version);
                most = Math.max(most, memory("used"));
            }
        } finally {
            over.set(true);
        }
        hot.join();

        assertTrue(answers.get() > VERSIONS, "the hot version has answered " + answers);
        assertTrue(most <= memory("budget") + 2 * LARGE * MEBIBYTE, "at most one too many: " + most);
        assertTrue(most > LARGE * MEBIBYTE * 3, "several are in memory: " + most);
        client.version(project, 2).then().body("state", equalTo("UNLOADED"));
        client.version(project, 1).then().body("state", equalTo("READY"));
    }

    @Test
    void aPinnedVersionStaysInMemory() {
        client.publish(project, 1, "READY", large(1, LARGE), 0.9);
        pin(1);
        List<Integer> others = new ArrayList<>();
        for (int version = 2; version <= 2 + InferenceTestResource.MEMORY_MIB / LARGE; version++) {
            client.publish(project, version, "READY", large(version, LARGE), 0.9);
            others.add(version);
        }

        client.version(project, 1).then().body("state", equalTo("READY"), "pinned", equalTo(true));
        client.version(project, others.getFirst()).then().body("state", equalTo("UNLOADED"));
        given().body("{\"parameters\": {\"version\": 1}}")
                .post("/v2/repository/models/{p}/unload", project.name())
                .then()
                .statusCode(409)
                .body("code", equalTo("MODEL_VERSION_IN_USE"), "detail", containsString("pinned"));

        unpin(1);
        given().body("{\"parameters\": {\"version\": 1}}")
                .post("/v2/repository/models/{p}/unload", project.name())
                .then()
                .statusCode(200);
        given().body("{\"parameters\": {\"version\": 1, \"pinned\": \"yes\"}}")
                .post("/v2/repository/models/{p}/load", project.name())
                .then()
                .statusCode(400);
        given().body("{\"parameters\": {\"version\": 1, \"pinned\": true}}")
                .post("/v2/repository/models/{p}/load", project.name())
                .then()
                .statusCode(200);
        client.version(project, 1).then().body("state", equalTo("READY"), "pinned", equalTo(true));
        unpin(1);
        given().put("/api/v1/models/{p}/versions/99/pin", project.name()).then().statusCode(404);
    }

    @Test
    void aVersionThatDoesNotFitIsRefusedAndAPinnedOneIsLoadedBeyondTheBudget() {
        int tooLarge = InferenceTestResource.MEMORY_MIB + 8;
        client.publish(
                project, 1, "READY", SmallModels.classifier(folder.resolve("small"), 1, List.of("red", "blue")), 0.9);
        client.send(client.upload(project, large(2, tooLarge), 0.9, "test"));
        client.awaitState(project, 2, "UNAVAILABLE");

        client.version(project, 2).then().body("reason", containsString("MiB of memory"));
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, () -> red(2));
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
        assertEquals("MODEL_MEMORY_EXCEEDED", reason(refused));
        assertTrue(TestClient.details(refused).stream().anyMatch(detail -> detail.is(RetryInfo.class)));
        assertEquals(expected(1), red(1), 1e-5, "the small one goes on");

        pin(2);
        client.awaitState(project, 2, "READY");
        assertEquals(expected(2), red(2), 1e-5);
        client.version(project, 2).then().body("reason", containsString("must stay in memory"));
        assertTrue(memory("kept") > memory("budget"));

        unpin(2);
        assertEquals(expected(1), red(1), 1e-5); // loaded again: the large one leaves
        client.awaitState(project, 2, "UNLOADED");
        client.version(project, 1).then().body("state", equalTo("READY"), "reason", nullValue());
    }
}
