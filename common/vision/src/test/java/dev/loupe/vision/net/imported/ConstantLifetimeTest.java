package dev.loupe.vision.net.imported;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.net.TrainableNetwork;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstantLifetimeTest {
    /** Small enough that freed memory is used for the next array of this size. */
    private static final int SIDE = 64;

    /** The gradient of the kernel of image x kernel / 2 is half the image; the division by a constant needs it. */
    @Test
    void theBackwardPassReadsTheConstantsOfTheForwardPass() throws InterruptedException {
        OnnxGraph graph = OnnxGraph.create("test");
        String image = graph.input("image", -1, 1, SIDE, SIDE);
        String value = graph.node("Conv", List.of(image, graph.floats("kernel", new float[] {3}, 1, 1, 1, 1)));
        float[] twos = new float[SIDE * SIDE];
        Arrays.fill(twos, 2);
        value = graph.node("Div", List.of(value, graph.floats("constant", twos, SIDE, SIDE)));
        graph.output(graph.reduce("ReduceMean", value, false, 2, 3), "result", -1, 1);
        ImportedNet net = ImportedNet.read(graph.toBytes());
        float[] ones = new float[SIDE * SIDE];
        Arrays.fill(ones, 1);
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            TrainableNetwork network = net.build(net.initialWeights(), _ -> 1, true, manager);
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray result = network.forward(manager.create(ones, new Shape(1, 1, SIDE, SIDE)), true);
                List<ByteBuffer> others = useFreedMemory();
                collector.backward(result.sum());
                float gradient = network.arrays().getFirst().getGradient().toFloatArray()[0];
                assertEquals(.5f, gradient, 1e-6, others.size() + " other buffers");
            }
        }
    }

    private static List<ByteBuffer> useFreedMemory() throws InterruptedException {
        List<ByteBuffer> others = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(50); // buffers are freed by another thread
            for (int k = 0; k < 50; k++) {
                ByteBuffer other =
                        ByteBuffer.allocateDirect(Float.BYTES * SIDE * SIDE).order(ByteOrder.nativeOrder());
                while (other.hasRemaining()) {
                    other.putFloat(Float.NaN);
                }
                others.add(other);
            }
        }
        return others;
    }
}
