package dev.loupe.vision.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.loupe.model.onnx.InsufficientMemoryException;
import org.junit.jupiter.api.Test;

class TorchTest {
    @Test
    void computesOnTheCpuUnlessTheProcessChoseAnotherDevice() {
        try (NDManager manager = Torch.newManager()) {
            assertEquals(Device.cpu(), manager.getDevice());
        }
    }

    @Test
    void aStepThatIsTooLargeForTheMemorySaysHowLargeItIs() {
        try (NDManager manager = Torch.newManager()) {
            String message = assertThrows(
                            InsufficientMemoryException.class,
                            () -> Torch.compute(64, () -> manager.ones(new Shape(1L << 44))))
                    .getMessage();
            assertTrue(
                    message.startsWith(
                            "a step with 64 images (a smaller batchSize or imageSize needs less) needs more memory"),
                    message);
        }
    }

    @Test
    void anotherFailureStaysWhatItIs() {
        EngineException failure = new EngineException("shapes differ");
        assertSame(
                failure,
                assertThrows(
                        EngineException.class,
                        () -> Torch.compute(1, () -> {
                            throw failure;
                        })));
    }
}
