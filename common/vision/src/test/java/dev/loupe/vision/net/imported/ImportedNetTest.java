package dev.loupe.vision.net.imported;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.net.TrainableNetwork;
import dev.loupe.vision.recipe.transfer.Descriptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference is ONNX Runtime, and for gradients the difference of two values of the function. */
class ImportedNetTest {
    private static final int N = 2;
    private static final int C = 4;
    private static final int H = 7;
    private static final int W = 8;
    private static final long[] IMAGE = {N, C, H, W};

    /** Appends nodes to an image of 4 channels, 7 rows and 8 columns; returns the output. */
    private interface Body {
        String append(OnnxGraph graph, String image);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Relu",
                "LeakyRelu",
                "Elu",
                "Sigmoid",
                "Tanh",
                "Softplus",
                "HardSigmoid",
                "HardSwish",
                "Exp",
                "Abs",
                "Neg",
                "Erf",
                "Softmax",
                "LogSoftmax",
                "Identity",
                "Dropout",
                "GlobalAveragePool",
                "GlobalMaxPool",
                "Flatten",
                "Transpose",
                "Squeeze",
                "ReduceMean",
                "ReduceSum",
                "ReduceMax",
                "ReduceL2"
            })
    void computesOperatorsWithDefaults(String operator) {
        assertEqual(17, (graph, image) -> graph.node(operator, List.of(image)));
    }

    @ParameterizedTest
    @CsvSource({"Add", "Sub", "Mul", "Div", "Pow", "PRelu"})
    void computesOperatorsOfTwoValues(String operator) {
        for (long[] shape : new long[][] {{1}, {C, 1, 1}, {W}}) {
            assertEqual(
                    17,
                    (graph, image) -> graph.node(
                            operator, List.of(positive(graph, image), graph.floats("other", positive(shape), shape))));
        }
    }

    @Test
    void computesRootsAndLogarithms() {
        for (String operator : List.of("Sqrt", "Log", "Reciprocal")) {
            assertEqual(17, (graph, image) -> graph.node(operator, List.of(positive(graph, image))));
        }
        assertEqual(17, (graph, image) -> graph.node("Sqrt", List.of(graph.node("Relu", List.of(image)))));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 0 0 0 0, NOTSET",
        "4, 2, 1, 1 1 1 1, NOTSET",
        "2, 1, 2, 2 1 0 3, NOTSET",
        "1, 2, 1, 0 0 0 0, SAME_UPPER",
        "1, 2, 1, 0 0 0 0, SAME_LOWER",
        "1, 1, 1, 0 0 0 0, VALID"
    })
    void computesConvolutions(int groups, int stride, int dilation, String pads, String automatic) {
        boolean given = automatic.equals("NOTSET");
        assertEqual(
                17,
                (graph, image) -> graph.node(
                        "Conv",
                        List.of(image, kernel(graph, 8, C / groups, 3, 3), kernel(graph, 8)),
                        OnnxAttribute.of("group", groups),
                        ints("strides", stride, stride),
                        ints("dilations", dilation, dilation),
                        given ? ints("pads", longs(pads)) : OnnxAttribute.of("auto_pad", automatic)));
    }

    @ParameterizedTest
    @CsvSource({
        "MaxPool, 2, 2, 0 0 0 0, 0, 0",
        "MaxPool, 3, 2, 1 1 1 1, 0, 0",
        "MaxPool, 3, 2, 0 0 0 0, 1, 0",
        "MaxPool, 3, 2, 1 0 1 2, 1, 0",
        "AveragePool, 2, 2, 0 0 0 0, 0, 0",
        "AveragePool, 3, 2, 1 1 1 1, 0, 0",
        "AveragePool, 3, 2, 1 1 1 1, 0, 1",
        "AveragePool, 3, 2, 0 1 2 1, 0, 0",
        "AveragePool, 3, 2, 0 0 0 0, 1, 0"
    })
    void computesPooling(String operator, int kernel, int stride, String pads, int ceil, int include) {
        OnnxAttribute[] common = {
            ints("kernel_shape", kernel, kernel),
            ints("strides", stride, stride),
            ints("pads", longs(pads)),
            OnnxAttribute.of("ceil_mode", ceil),
            OnnxAttribute.of("count_include_pad", include)
        };
        OnnxAttribute[] attributes = operator.equals("MaxPool") ? java.util.Arrays.copyOf(common, 4) : common;
        assertEqual(17, (graph, image) -> graph.node(operator, List.of(image), attributes));
        assertEqual(
                17,
                (graph, image) -> graph.node(
                        operator,
                        List.of(image),
                        ints("kernel_shape", kernel, kernel),
                        ints("strides", stride, stride),
                        OnnxAttribute.of("auto_pad", "SAME_UPPER")));
    }

    @Test
    void computesProducts() {
        for (int transposed : new int[] {0, 1}) {
            assertEqual(17, (graph, image) -> {
                String rows = graph.reshape(image, N, -1);
                long width = (long) C * H * W;
                return graph.node(
                        "Gemm",
                        List.of(
                                rows,
                                transposed == 1 ? kernel(graph, 5, width) : kernel(graph, width, 5),
                                kernel(graph, 5)),
                        OnnxAttribute.of("transB", transposed),
                        OnnxAttribute.of("alpha", .5f),
                        OnnxAttribute.of("beta", 2f));
            });
        }
        assertEqual(17, (graph, image) -> graph.node("MatMul", List.of(image, kernel(graph, W, 5))));
        assertEqual(17, (graph, image) -> {
            String other = graph.node("Transpose", List.of(image), ints("perm", 0, 1, 3, 2));
            return graph.node("MatMul", List.of(image, other));
        });
    }

    @Test
    void computesNormalisation() {
        assertEqual(
                17,
                (graph, image) -> graph.node(
                        "BatchNormalization",
                        List.of(
                                image,
                                kernel(graph, C),
                                kernel(graph, C),
                                kernel(graph, C),
                                graph.floats("variance", positive(C), C)),
                        OnnxAttribute.of("epsilon", 1e-3f)));
        assertEqual(
                17,
                (graph, image) -> graph.node(
                        "LayerNormalization", List.of(image, kernel(graph, H, W), kernel(graph, H, W)), axis(2)));
        assertEqual(17, (graph, image) -> graph.node("LayerNormalization", List.of(image, kernel(graph, W))));
    }

    @Test
    void movesValues() {
        Body[] bodies = {
            (graph, image) -> graph.node("Concat", List.of(image, image), axis(-3)),
            (graph, image) -> graph.node("Transpose", List.of(image), ints("perm", 0, 2, 3, 1)),
            (graph, image) -> graph.node(
                    "Squeeze",
                    List.of(graph.node("Unsqueeze", List.of(image, graph.integers("a", -1, 1)))),
                    new OnnxAttribute[0]),
            (graph, image) -> graph.node(
                    "Slice",
                    List.of(
                            image,
                            graph.integers("starts", 1, -3),
                            graph.integers("ends", 100, -1),
                            graph.integers("axes", 1, -1),
                            graph.integers("steps", 2, 1))),
            (graph, image) -> graph.node("Gather", List.of(image, graph.integers("at", -1)), axis(2)),
            (graph, image) -> graph.nodes("Split", List.of(image, graph.integers("sizes", 1, 3)), 2, axis(1))
                    .getLast(),
            (graph, image) -> graph.nodes("Split", List.of(image), 2, axis(1)).getFirst(),
            (graph, image) -> graph.node(
                    "Pad", List.of(image, graph.integers("pads", 0, 0, 1, 2, 0, 1, 0, 3), graph.scalar("v", 2))),
            (graph, image) -> graph.node(
                    "Pad",
                    List.of(image, graph.integers("pads", 0, 0, 1, 2, 0, 0, 0, 3)),
                    OnnxAttribute.of("mode", "reflect")),
            (graph, image) -> graph.node(
                    "Expand", List.of(graph.reduce("ReduceMean", image, true, 1), graph.integers("shape", 3, 1, 1))),
            (graph, image) -> graph.reduce("ReduceMean", image, false, -2, 1),
            (graph, image) -> graph.node("Clip", List.of(image, graph.scalar("l", -.5f), graph.scalar("m", .5f))),
            (graph, image) -> graph.node("Clip", List.of(image, "", graph.scalar("m", .5f))),
            (graph, image) -> graph.node("Softmax", List.of(image), axis(1)),
        };
        for (Body body : bodies) {
            assertEqual(17, body);
        }
    }

    /** As PyTorch exports a view with a dynamic batch. */
    @Test
    void computesShapesFromShapes() {
        assertEqual(17, (graph, image) -> {
            String shape = graph.node("Shape", List.of(image));
            String batch = graph.node("Gather", List.of(shape, graph.integers("first", 0)));
            String rest = graph.slice(shape, 0, 1, 4);
            String features = graph.node(
                    "Mul",
                    List.of(
                            graph.node("Gather", List.of(rest, graph.integers("c", 0))),
                            graph.node("Gather", List.of(rest, graph.integers("h", 1)))));
            String wanted = graph.node("Concat", List.of(batch, features, graph.integers("inferred", -1)), axis(0));
            return graph.node("Reshape", List.of(image, wanted));
        });
    }

    /** As tf2onnx exports Keras: channels last, a bias that is added, a normalisation, a mean with axes. */
    @Test
    void computesChannelsLast() {
        assertEqual(17, (graph, image) -> {
            String last = graph.node("Transpose", List.of(image), ints("perm", 0, 2, 3, 1));
            String first = graph.node("Transpose", List.of(last), ints("perm", 0, 3, 1, 2));
            String convolved = graph.node(
                    "Conv",
                    List.of(first, kernel(graph, 6, C, 3, 3)),
                    ints("strides", 2, 2),
                    OnnxAttribute.of("auto_pad", "SAME_UPPER"));
            String biased = graph.node("Add", List.of(convolved, kernel(graph, 1, 6, 1, 1)));
            String active = graph.node("Relu", List.of(biased));
            String mean = graph.reduce(
                    "ReduceMean", graph.node("Transpose", List.of(active), ints("perm", 0, 2, 3, 1)), false, 1, 2);
            String dense = graph.node("MatMul", List.of(mean, kernel(graph, 6, 3)));
            return graph.node("Softmax", List.of(graph.node("Add", List.of(dense, kernel(graph, 3)))));
        });
    }

    @Test
    void computesFormsOfNewerOpsets() {
        assertEqual(
                18,
                (graph, image) -> graph.node(
                        "ReduceMean", List.of(image, graph.integers("axes", 2, 3)), OnnxAttribute.of("keepdims", 0)));
        assertEqual(18, (graph, image) -> graph.nodes(
                        "Split", List.of(image), 3, axis(2), OnnxAttribute.of("num_outputs", 3))
                .getLast());
        assertEqual(
                18,
                (graph, image) -> graph.node(
                        "Pad",
                        List.of(image, graph.integers("pads", 1, 2), graph.scalar("v", 0), graph.integers("axes", 3))));
        assertEqual(20, (graph, image) -> graph.node("Gelu", List.of(image)));
        assertEqual(
                21,
                (graph, image) ->
                        graph.node("Conv", List.of(image, kernel(graph, 3, C, 3, 3)), ints("pads", 1, 1, 1, 1)));
    }

    @Test
    void weightsThatAreTransposedOrQuantisedBecomeWeights() {
        Body body = (graph, image) -> {
            String scale = graph.floats("scale", positive(6), 6);
            TensorProto.Builder quantised = TensorProto.newBuilder()
                    .setName("quantised")
                    .setDataType(TensorProto.DataType.INT8_VALUE)
                    .addAllDims(List.of(6L, (long) C, 1L, 1L));
            byte[] bytes = new byte[6 * C];
            new Random(2).nextBytes(bytes);
            graph.proto().addInitializer(quantised.setRawData(ByteString.copyFrom(bytes)));
            String kernel = graph.node("DequantizeLinear", List.of("quantised", scale), axis(0));
            String convolved = graph.node("Conv", List.of(image, kernel));
            String dense = graph.node("Transpose", List.of(kernel(graph, 5, 6)), ints("perm", 1, 0));
            return graph.node("MatMul", List.of(graph.reduce("ReduceMean", convolved, false, 2, 3), dense));
        };
        assertEqual(17, body);
        ImportedNet net = ImportedNet.read(onnx(17, body));
        assertEquals(2, net.layers());
        assertEquals(
                List.of(6 * C, 30),
                net.initialWeights().stream().map(values -> values.length).toList());
        assertWrittenBack(net);
    }

    /** Convolution with batch normalisation that exporters wrote once for two, biases, and a linear layer. */
    private static String small(OnnxGraph graph, String image) {
        String gamma = kernel(graph, C);
        String variance = graph.floats("variance", positive(C), C);
        String value = image;
        for (int i = 0; i < 2; i++) {
            value = graph.node("Conv", List.of(value, kernel(graph, C, C, 3, 3)), ints("pads", 1, 1, 1, 1));
            value = graph.node(
                    "BatchNormalization", List.of(value, gamma, kernel(graph, C), kernel(graph, C), variance));
            value = graph.node("Sigmoid", List.of(value));
        }
        String pooled = graph.node("Flatten", List.of(graph.node("GlobalAveragePool", List.of(value))));
        return graph.node("Gemm", List.of(pooled, kernel(graph, C, 3), kernel(graph, 3)));
    }

    @Test
    void whatIsWrittenBackComputesWhatWasTrained() {
        ImportedNet net = ImportedNet.read(onnx(17, ImportedNetTest::small));
        assertEquals(3, net.layers());
        assertEquals(2 * 5 + 2, net.initialWeights().size());
        assertWrittenBack(net);
    }

    private static void assertWrittenBack(ImportedNet net) {
        Random random = new Random(8);
        List<float[]> weights =
                net.initialWeights().stream().map(float[]::clone).toList();
        for (float[] values : weights) {
            for (int i = 0; i < values.length; i++) {
                values[i] *= .5f + random.nextFloat();
            }
        }
        float[] images = images(3);
        byte[] written = net.graph(weights).toBytes();
        assertClose(ort(written, images), forward(net, weights, images), 1e-4);
        assertClose(ort(written, images), forward(ImportedNet.read(written), null, images), 1e-4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gradientsAreThoseOfTheFunction(boolean frozenStatistics) {
        ImportedNet net = ImportedNet.read(onnx(17, ImportedNetTest::small));
        float[] images = images(5);
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            TrainableNetwork network = net.build(net.initialWeights(), layer -> 1, frozenStatistics, manager);
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                collector.backward(loss(network, images, manager));
            }
            List<float[]> weights = network.weights();
            for (int w = 0; w < weights.size(); w++) {
                if (network.learnt(w)) {
                    float[] gradient = network.arrays().get(w).getGradient().toFloatArray();
                    for (int i = 0; i < gradient.length; i += 1 + gradient.length / 8) {
                        float before = weights.get(w)[i];
                        float step = .01f;
                        weights.get(w)[i] = before + step;
                        network.set(weights);
                        float above = loss(network, images, manager).getFloat();
                        weights.get(w)[i] = before - step;
                        network.set(weights);
                        float below = loss(network, images, manager).getFloat();
                        weights.get(w)[i] = before;
                        assertEquals((above - below) / (2 * step), gradient[i], 1e-3, w + ", " + i);
                    }
                }
            }
            network.set(weights);
        }
    }

    private static NDArray loss(TrainableNetwork network, float[] images, NDManager manager) {
        NDArray scores = network.forward(manager.create(images, new Shape(IMAGE)), true);
        return scores.mul(manager.create(new float[] {1, -2, 3})).sum();
    }

    @Test
    void frozenLayersAndStatisticsKeepTheirWeights() {
        ImportedNet net = ImportedNet.read(onnx(17, ImportedNetTest::small));
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            TrainableNetwork network = net.build(net.initialWeights(), layer -> layer == 0 ? 0 : .5, false, manager);
            network.forward(manager.create(images(5), new Shape(IMAGE)), true);
            List<float[]> after = network.weights();
            for (int w = 0; w < after.size(); w++) {
                boolean first = w < 5;
                // Within a normalisation: kernel, gamma, beta, mean, variance.
                boolean statistic = w < 10 && w % 5 >= 3;
                assertEquals(!first && !statistic, network.learnt(w));
                assertEquals(first ? 0 : .5, network.rateFactor(w));
                assertEquals(w == 0 || w == 5 || w == 10, network.decayed(w));
                boolean same = java.util.Arrays.equals(net.initialWeights().get(w), after.get(w));
                assertEquals(first || !statistic, same, "weight " + w);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mobilenet_v2_features.onnx, 255, 52",
        "squeezenet1_1_imagenet.onnx, 255, 25",
        "efficientnet_lite0_features.onnx, 255, 49"
    })
    void computesRealBackbones(String file, float scale, int layers) {
        String shared = System.getenv("LOUPE_SHARED");
        Path path = Path.of(shared == null ? "../../../shared" : shared, "backbones", file);
        assumeTrue(Files.exists(path), "skipped: " + path + " is not there; set LOUPE_SHARED");
        Backbone backbone =
                Backbone.imported("b", path, scale, new float[] {.5f, .5f, .5f}, new float[] {.25f, .25f, .25f});
        assertEquals(layers, assertParity(backbone).layers());
    }

    @Test
    void computesTheBuiltInBackbone() {
        assertEquals(2, assertParity(Scattering.backbone(64)).layers()); // shared by all convolutions
    }

    private static ImportedNet assertParity(Backbone backbone) {
        byte[] onnx = Descriptions.describing(backbone);
        int side = backbone.preprocessing().width();
        float[] images = new float[2 * 3 * side * side];
        Random random = new Random(1);
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }
        ImportedNet net = ImportedNet.read(onnx);
        long[] shape = {2, 3, side, side};
        float[] expected;
        try (OnnxSession session = new OnnxSession(onnx, 1)) {
            expected = session.run(images, shape, OnnxGraph.read(onnx).outputs())
                    .getFirst()
                    .values();
        }
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            float[] actual = net.build(net.initialWeights(), layer -> 0, true, manager)
                    .forward(manager.create(images, new Shape(shape)), false)
                    .toFloatArray();
            assertClose(expected, actual, 1e-4);
        }
        return net;
    }

    @Test
    void namesAllOperatorsThatCanNotBeTrainedThrough() {
        byte[] onnx = onnx(17, (graph, image) -> {
            String rounded = graph.node("Round", List.of(graph.node("Round", List.of(image))));
            return graph.node("Ceil", List.of(graph.node("Relu", List.of(rounded))));
        });
        String message = assertThrows(InvalidOnnxException.class, () -> ImportedNet.read(onnx))
                .getMessage();
        assertTrue(message.contains("Ceil (1 node), Round (2 nodes)"), message);
        assertTrue(message.contains("transfer"), message);
    }

    @Test
    void refusesAFormOfAnOperatorThatCanNotBeTrainedThrough() {
        ImportedNet net = ImportedNet.read(onnx(
                17,
                (graph, image) ->
                        graph.node("MaxPool", List.of(image), ints("kernel_shape", 2, 2), ints("dilations", 2, 2))));
        String message = assertThrows(InvalidOnnxException.class, () -> net.verify(images(1), IMAGE))
                .getMessage();
        assertTrue(message.contains("MaxPool"), message);
    }

    private static void assertEqual(int opset, Body body) {
        byte[] onnx = onnx(opset, body);
        float[] images = images(4);
        assertClose(ort(onnx, images), forward(ImportedNet.read(onnx), null, images), 1e-4);
    }

    private static byte[] onnx(int opset, Body body) {
        OnnxGraph graph = OnnxGraph.create("test");
        String output = body.append(graph, graph.input("image", -1, C, H, W));
        graph.output(output, "result");
        try {
            ModelProto.Builder model = ModelProto.parseFrom(graph.toBytes()).toBuilder();
            model.getOpsetImportBuilder(0).setVersion(opset);
            model.setIrVersion(opset > 19 ? 10 : 8);
            model.getGraphBuilder()
                    .getOutputBuilder(0)
                    .getTypeBuilder()
                    .getTensorTypeBuilder()
                    .clearShape();
            return model.build().toByteArray();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static float[] ort(byte[] onnx, float[] images) {
        try (OnnxSession session = new OnnxSession(onnx, 1)) {
            return session.run(images, IMAGE, List.of("result")).getFirst().values();
        }
    }

    private static float[] forward(ImportedNet net, List<float[]> weights, float[] images) {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            TrainableNetwork network =
                    net.build(weights == null ? net.initialWeights() : weights, layer -> 0, true, manager);
            return network.forward(manager.create(images, new Shape(IMAGE)), false)
                    .toFloatArray();
        }
    }

    private static void assertClose(float[] expected, float[] actual, double tolerance) {
        assertEquals(expected.length, actual.length);
        double largest = 1;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], tolerance * largest, "value " + i);
        }
    }

    private static float[] images(long seed) {
        return random(N * C * H * W, seed);
    }

    private static float[] random(int size, long seed) {
        Random random = new Random(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static int size(long... shape) {
        return (int) java.util.stream.LongStream.of(shape).reduce(1, Math::multiplyExact);
    }

    private static String kernel(OnnxGraph graph, long... shape) {
        float[] values = random(size(shape), shape.length + graph.proto().getInitializerCount());
        for (int i = 0; i < values.length; i++) {
            values[i] *= .4f;
        }
        return graph.floats("weight", values, shape);
    }

    private static float[] positive(long... shape) {
        float[] values = random(size(shape), 9);
        for (int i = 0; i < values.length; i++) {
            values[i] = .5f + Math.abs(values[i]);
        }
        return values;
    }

    private static String positive(OnnxGraph graph, String image) {
        return graph.node("Add", List.of(graph.node("Abs", List.of(image)), graph.scalar("offset", .5f)));
    }

    private static OnnxAttribute ints(String name, long... values) {
        return OnnxAttribute.of(name, values);
    }

    private static OnnxAttribute axis(long axis) {
        return OnnxAttribute.of("axis", axis);
    }

    private static long[] longs(String values) {
        return java.util.Arrays.stream(values.split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
    }
}
