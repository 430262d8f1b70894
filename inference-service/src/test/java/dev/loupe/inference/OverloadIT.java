package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.details;
import static dev.loupe.inference.TestClient.image;
import static dev.loupe.inference.TestClient.reason;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.rpc.RetryInfo;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceFutureStub;
import dev.loupe.oip.v2.ModelInferRequest;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two threads, a queue of eight, and a model that takes its time. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class OverloadIT {
    private static final int ADMITTED = 2 + 8;

    @Inject
    TestClient client;

    @TempDir
    Path folder;

    @Inject
    MeterRegistry metrics;

    private double predictions(String state) {
        return metrics.get("loupe.predictions").tag("state", state).gauge().value();
    }

    private GRPCInferenceServiceFutureStub stub() {
        return GRPCInferenceServiceGrpc.newFutureStub(client.channel());
    }

    private ModelInferRequest slow() {
        Project project = Project.of(Task.CLASSIFICATION);
        client.publish(project, 1, "READY", SmallModels.slowClassifier(folder), 0.9);
        return image(project, "1", png(Color.RED)).build();
    }

    @Test
    void refusesCallsBeyondTheQueueWithARetryHintAndAnswersTheRest() throws Exception {
        ModelInferRequest request = slow();
        List<ListenableFuture<ModelInferResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 4 * ADMITTED; i++) {
            calls.add(stub().withDeadlineAfter(60, TimeUnit.SECONDS).modelInfer(request));
        }
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> predictions("computed") == 2 && predictions("waiting") == ADMITTED - 2);
        int answered = 0;
        for (ListenableFuture<ModelInferResponse> call : calls) {
            try {
                call.get();
                answered++;
            } catch (ExecutionException e) {
                StatusRuntimeException refused = (StatusRuntimeException) e.getCause();
                assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode(), refused.toString());
                assertEquals("QUEUE_FULL", reason(refused));
                assertTrue(details(refused).stream().anyMatch(detail -> detail.is(RetryInfo.class)));
            }
        }
        assertTrue(answered >= ADMITTED && answered < calls.size(), "answered: " + answered);
        assertEquals("1", client.open().modelInfer(request).getModelVersion());
    }

    @Test
    void dropsAQueuedCallAfterItsDeadline() throws Exception {
        ModelInferRequest request = slow();
        List<ListenableFuture<ModelInferResponse>> busy = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            busy.add(stub().withDeadlineAfter(60, TimeUnit.SECONDS).modelInfer(request));
        }
        // More than the queue takes, one after the other: each has left it when the next one comes.
        for (int i = 0; i < 12; i++) {
            StatusRuntimeException late = assertThrows(
                    StatusRuntimeException.class, () -> GRPCInferenceServiceGrpc.newBlockingStub(client.channel())
                            .withDeadlineAfter(20, TimeUnit.MILLISECONDS)
                            .modelInfer(request));
            assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
        }
        for (ListenableFuture<ModelInferResponse> call : busy) {
            assertEquals("1", call.get().getModelVersion());
        }
    }

    @Test
    void freesThePlacesOfCancelledCallsInAFullQueue() {
        ModelInferRequest request = slow();
        List<ListenableFuture<ModelInferResponse>> calls = new ArrayList<>();
        for (int i = 0; i < ADMITTED; i++) {
            calls.add(stub().withDeadlineAfter(60, TimeUnit.SECONDS).modelInfer(request));
        }
        await().pollInterval(Duration.ofMillis(1)).until(() -> predictions("waiting") == ADMITTED - 2);
        StatusRuntimeException full =
                assertThrows(StatusRuntimeException.class, () -> client.open().modelInfer(request));
        assertEquals("QUEUE_FULL", reason(full));

        calls.forEach(call -> call.cancel(true));

        await().pollInterval(Duration.ofMillis(1)).until(() -> predictions("waiting") == 0);
        assertEquals("1", client.open().modelInfer(request).getModelVersion());
    }
}
