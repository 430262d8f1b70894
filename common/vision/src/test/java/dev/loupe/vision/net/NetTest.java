package dev.loupe.vision.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.net.Layer.AdaptiveAverage;
import dev.loupe.vision.net.Layer.BatchNorm;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Layer.Flatten;
import dev.loupe.vision.net.Layer.GlobalAverage;
import dev.loupe.vision.net.Layer.Linear;
import dev.loupe.vision.net.Layer.Relu;
import dev.loupe.vision.net.Layer.Upsample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NetTest {
    private static final int SIDE = 64;

    /** The counts are those that torchvision publishes; that of EfficientNet-Lite0 is timm's. */
    @ParameterizedTest
    @CsvSource({
        "ALEXNET, 61100840",
        "VGG11, 132863336",
        "VGG11_BN, 132868840",
        "VGG16, 138357544",
        "VGG16_BN, 138365992",
        "RESNET18, 11689512",
        "RESNET34, 21797672",
        "RESNET50, 25557032",
        "MOBILENET_V2, 3504872",
        "SQUEEZENET1_1, 1235496",
        "EFFICIENTNET_LITE0, 4652008"
    })
    void hasAsManyWeightsAsPublished(Network network, long published) {
        assertEquals(published, network.build(1000).parameterCount());
    }

    @ParameterizedTest
    @EnumSource
    void theOnnxGraphComputesWhatTheTrainedBlocksCompute(Network network) {
        assertParity(narrowed(network.build(5)), SIDE);
    }

    @Test
    void theGraphEnlargesAsTheTrainedBlocksDo() {
        assertParity(
                new Net(List.of(
                        new Convolution(3, 4, 3, 2),
                        new BatchNorm(4),
                        new Relu(),
                        new Upsample(2),
                        new Convolution(4, 3, 3, 1, 1, 1, true),
                        new Flatten())),
                16);
    }

    /** Held against the definition: each pixel is repeated. */
    @Test
    void enlargingRepeatsPixels() {
        Net net = new Net(List.of(new Upsample(2), new Flatten()));
        float[] image = new float[12];
        image[1] = 1; // the upper right of the first channel
        float[] enlarged = onnx(net, List.of(), image, 1);
        assertArrayEquals(new float[] {0, 0, 1, 1, 0, 0, 1, 1}, Arrays.copyOf(enlarged, 8));
        assertEquals(4, new Upsample(2).side(2));
    }

    @ParameterizedTest
    @EnumSource
    void takesImagesOfItsMinimumSide(Network network) {
        int side = network.minimumSide();
        for (Layer layer : network.build(5).layers()) {
            side = layer.side(side);
            assertTrue(side >= 1, layer.toString());
        }
    }

    @Test
    void windowsOfAnAdaptiveAverageMeetOrOverlap() {
        assertArrayEquals(new float[] {.5f, .5f, 0, 0, .5f, .5f}, new AdaptiveAverage(2).shares(3));
        assertArrayEquals(new float[] {1, 1, 1}, new AdaptiveAverage(3).shares(1));
    }

    /** The same network with hidden linear layers of 8 features, which makes it a hundredth of the size. */
    private static Net narrowed(Net net) {
        List<Layer> layers = new ArrayList<>(net.layers());
        int width = 0;
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i) instanceof Linear linear) {
                int in = width == 0 ? linear.in() : width;
                width = i == layers.size() - 1 ? linear.out() : 8;
                layers.set(i, new Linear(in, width));
            }
        }
        return new Net(layers);
    }

    /** Held against the definition, so that the folding is not only compared with another library. */
    @Test
    void batchNormalisationIsFoldedByItsDefinition() {
        Net net = new Net(List.of(new Convolution(3, 1, 1, 1), new BatchNorm(1), new Relu(), new GlobalAverage()));
        List<float[]> weights = List.of(
                new float[] {1, 2, 3}, new float[] {1.5f}, new float[] {.25f}, new float[] {4}, new float[] {9});
        float[] image = {1, 2, 3};
        double expected = 1.5 * (1 * 1 + 2 * 2 + 3 * 3 - 4) / Math.sqrt(9 + 1e-5) + .25;

        assertEquals(expected, onnx(net, weights, image, 1)[0], 1e-5);
    }

    @Test
    void startingWeightsBelongToTheSeed() {
        Net net = Network.RESNET10.build(2);
        assertEquals(net.initialWeights(1).getFirst()[0], net.initialWeights(1).getFirst()[0]);
        assertNotEquals(
                net.initialWeights(1).getFirst()[0], net.initialWeights(2).getFirst()[0]);
    }

    @Test
    void startingWeightsFillTheirShapesWithTheVarianceOfHe() {
        Net net = Network.RESNET10.build(2);
        List<long[]> shapes = net.weightShapes();
        List<float[]> weights = net.initialWeights(0);
        assertEquals(shapes.size(), weights.size());
        for (int i = 0; i < shapes.size(); i++) {
            assertEquals(LongStream.of(shapes.get(i)).reduce(1, (a, b) -> a * b), weights.get(i).length);
        }
        // The last kernel of 256 x 256 x 3 x 3; the shortcut's kernel follows it.
        int last = 0;
        for (int i = 0; i < shapes.size(); i++) {
            last = weights.get(i).length > weights.get(last).length ? i : last;
        }
        double squares = 0;
        for (float weight : weights.get(last)) {
            squares += weight * weight;
        }
        assertEquals(2.0 / (256 * 9), squares / weights.get(last).length, 2e-5);
    }

    private static void assertParity(Net net, int side) {
        Random random = new Random(3);
        List<float[]> weights = net.initialWeights(5);
        List<long[]> shapes = net.weightShapes();
        for (int i = 0; i < weights.size(); i++) {
            if (shapes.get(i).length <= 2) {
                // Statistics as training leaves them, variances among them: positive.
                for (int k = 0; k < weights.get(i).length; k++) {
                    weights.get(i)[k] = .5f + random.nextFloat();
                }
            }
        }
        float[] images = new float[2 * 3 * side * side];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        float[] blocks;
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            Shape shape = new Shape(2, 3, side, side);
            NetBlock block = new NetBlock(net, weights, shape, manager);
            blocks = block.forward(manager.create(images, shape), false).toFloatArray();
            for (int i = 0; i < weights.size(); i++) {
                assertEquals(weights.get(i).length, block.weights().get(i).length);
            }
        }
        float[] graph = onnx(net, weights, images, 2);
        double largest = 0;
        for (float value : blocks) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertTrue(largest > 0);
        assertEquals(blocks.length, graph.length);
        for (int i = 0; i < blocks.length; i++) {
            assertEquals(blocks[i], graph[i], 1e-4 * largest);
        }
    }

    private static float[] onnx(Net net, List<float[]> weights, float[] images, int n) {
        int side = (int) Math.sqrt(images.length / (3.0 * n));
        OnnxGraph graph = OnnxGraph.create("net");
        String image = graph.input("image", -1, 3, side, side);
        graph.output(NetOnnx.append(graph, image, side, net, weights), "scores", -1, -1);
        try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
            return session.run(images, new long[] {n, 3, side, side}, List.of("scores"))
                    .getFirst()
                    .values();
        }
    }
}
