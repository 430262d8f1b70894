package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceFutureStub;
import dev.loupe.oip.v2.InferBatchStatistics;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelStatisticsRequest;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers of a model whose project is configured to compute their requests together. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class BatchingIT {
    @Inject
    TestClient client;

    @TempDir
    Path folder;

    private final Project project =
            new Project(UUID.randomUUID(), InferenceTestResource.BATCHED_PROJECT, Task.CLASSIFICATION);

    private List<InferBatchStatistics> batches() {
        return client.open()
                .modelStatistics(ModelStatisticsRequest.newBuilder()
                        .setName(project.name())
                        .setVersion("1")
                        .build())
                .getModelStats(0)
                .getBatchStatsList();
    }

    @Test
    void eachCallerGetsTheAnswerToItsImage() throws Exception {
        client.publish(project, 1, "READY", SmallModels.slowClassifier(folder), 0.9);
        GRPCInferenceServiceFutureStub stub = GRPCInferenceServiceGrpc.newFutureStub(client.channel());
        List<Color> colours = List.of(Color.RED, Color.BLUE, Color.BLUE, Color.RED, Color.BLUE, Color.RED);
        List<ListenableFuture<ModelInferResponse>> calls = new ArrayList<>();
        for (Color colour : colours) {
            calls.add(stub.modelInfer(image(project, "1", png(colour)).build()));
        }

        for (int i = 0; i < colours.size(); i++) {
            assertEquals(
                    colours.get(i).equals(Color.RED) ? "red" : "blue",
                    calls.get(i)
                            .get()
                            .getOutputs(0)
                            .getContents()
                            .getBytesContents(0)
                            .toStringUtf8(),
                    "caller " + i);
        }
        // Two threads took a request each; what came meanwhile waited, and was computed together.
        assertTrue(batches().stream().anyMatch(batch -> batch.getBatchSize() > 1), () -> "batches: " + batches());
        assertEquals(
                colours.size(),
                batches().stream()
                        .mapToLong(batch ->
                                batch.getBatchSize() * batch.getComputeInfer().getCount())
                        .sum());
    }
}
