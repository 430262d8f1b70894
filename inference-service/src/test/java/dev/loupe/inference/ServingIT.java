package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.picture;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.devstack.DevstackTestResource;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.ModelInferResponse;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class ServingIT {
    @Inject
    TestClient client;

    @TempDir
    Path folder;

    @Test
    void aPackageThatWasProducedBecomesReadyAndAnswers() {
        Project project = Project.of(Task.CLASSIFICATION);
        client.publish(project, 1, "READY", SmallModels.classifier(folder, 2, List.of("red", "blue")), 0.9);

        ModelInferResponse answer =
                client.open().modelInfer(picture(project, "1", png(Color.RED)).build());

        assertEquals("id-1", answer.getId());
        assertEquals("1", answer.getModelVersion());
        assertEquals(
                "red", answer.getOutputs(0).getContents().getBytesContents(0).toStringUtf8());
        // softmax(2, 0), by hand
        double red = Math.exp(2) / (Math.exp(2) + 1);
        assertEquals(red, answer.getOutputs(1).getContents().getFp32Contents(0), 1e-6);
    }
}
