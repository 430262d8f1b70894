package dev.loupe.model.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.model.onnx.ComputeDevice.Wanted;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With the library of ONNX Runtime for the CPU. */
class ComputeDeviceTest {
    @AfterEach
    void cpuForTheOtherTests() {
        ComputeDevice.choose(Map.of(ComputeDevice.VARIABLE, "cpu"));
    }

    @Test
    void withoutCudaItIsTheCpu() {
        for (Map<String, String> environment : List.of(Map.<String, String>of(), Map.of("LOUPE_DEVICE", "auto"))) {
            ComputeDevice device = ComputeDevice.choose(environment);
            assertEquals(Wanted.AUTO, device.wanted());
            assertFalse(device.onnxOnGpu());
            assertEquals("its library has no CUDA", device.reason());
            assertEquals(device, ComputeDevice.current());
        }
        assertEquals(
                Wanted.CPU, ComputeDevice.choose(Map.of("LOUPE_DEVICE", "cpu")).wanted());
    }

    @Test
    void aGpuThatIsWantedAndNotThereIsAnError() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> ComputeDevice.choose(Map.of("LOUPE_DEVICE", "gpu")))
                .getMessage();
        assertTrue(message.contains("LOUPE_DEVICE is 'gpu'") && message.contains("no CUDA"), message);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertEquals(
                "LOUPE_DEVICE: expected 'auto', 'cpu' or 'gpu', got 'tpu'",
                assertThrows(IllegalArgumentException.class, () -> ComputeDevice.choose(Map.of("LOUPE_DEVICE", "tpu")))
                        .getMessage());
        assertEquals(
                "ONNXRUNTIME_LIBRARY_PATH: expected a folder, got '/no/such'",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ComputeDevice.choose(Map.of("ONNXRUNTIME_LIBRARY_PATH", "/no/such")))
                        .getMessage());
    }

    /** The graph makes n to the power of 20 zeros for n images: 1 for one image, a million for two, a trillion for four. */
    @Test
    void aBatchThatIsTooLargeForTheMemorySaysSoAndASmallerOneSucceeds() {
        OnnxGraph graph = OnnxGraph.create("hungry");
        String input = graph.input("input", -1, 1);
        String images = graph.slice(graph.node("Shape", List.of(input)), 0, 0, 1);
        String shape = graph.node("Tile", List.of(images, graph.integers("repeats", 20)));
        String most = graph.node(
                "ReduceMax", List.of(graph.node("ConstantOfShape", List.of(shape))), OnnxAttribute.of("keepdims", 0));
        graph.output(graph.node("Add", List.of(input, most)), "output", -1, 1);
        try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
            String message = assertThrows(
                            InsufficientMemoryException.class,
                            () -> session.run(new float[4], new long[] {4, 1}, List.of("output")))
                    .getMessage();
            assertTrue(message.startsWith("an input of the shape [4, 1] needs more memory than there is: "), message);
            assertArrayEquals(
                    new float[] {1, 2},
                    session.run(new float[] {1, 2}, new long[] {2, 1}, List.of("output"))
                            .getFirst()
                            .values());
        }
    }

    @Test
    void anotherFailureIsNotOneOfMemory() {
        RuntimeException other = new IllegalArgumentException();
        for (Exception failure : List.of(new IllegalStateException("shapes differ"), new IllegalStateException())) {
            assertEquals(other, InsufficientMemoryException.or(failure, "it", other));
        }
        assertEquals(
                "a step needs more memory than there is: CUDA out of memory. Tried to allocate 2.00 GiB",
                InsufficientMemoryException.or(
                                new IllegalStateException("CUDA out of memory. Tried to allocate 2.00 GiB"),
                                "a step",
                                other)
                        .getMessage());
    }
}
