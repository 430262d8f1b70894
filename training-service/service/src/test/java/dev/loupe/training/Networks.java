package dev.loupe.training;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;

/** Small ONNX files that ask for much, and one that does not. */
public final class Networks {
    private Networks() {}

    /** Halves the size of an image and gives it as a feature map. */
    public static byte[] modest() {
        OnnxGraph graph = OnnxGraph.create("modest");
        graph.output(pooled(graph, graph.input("image", -1, 3, 32, 32)), "maps", -1, 3, 16, 16);
        return graph.toBytes();
    }

    /**
     * A feature map of stride 8, and its mean as the pooled output.
     *
     * @param channels number of features of a place, at least 2
     */
    public static byte[] mapsAndPooled(int channels) {
        OnnxGraph graph = OnnxGraph.create("maps-and-pooled");
        String image = graph.input("image", -1, 3, 32, 32);
        String weights = graph.floats("weights", new float[3 * channels], channels, 3, 1, 1);
        String fine = graph.node("Conv", List.of(pooled(graph, image), weights));
        String coarse = pooled(graph, pooled(graph, fine));
        graph.output(coarse, "maps", -1, channels, 4, 4);
        graph.output(graph.reduce("ReduceMean", coarse, false, 2, 3), "pooled", -1, channels);
        return graph.toBytes();
    }

    /** An image divided by its largest value: NaN for a black one. */
    public static byte[] contrast() {
        OnnxGraph graph = OnnxGraph.create("contrast");
        String image = graph.input("image", -1, 3, 32, 32);
        String largest = graph.reduce("ReduceMax", image, true, 1, 2, 3);
        graph.output(graph.node("Div", List.of(image, largest)), "maps", -1, 3, 32, 32);
        return graph.toBytes();
    }

    /** Describes a whole image, and no places. */
    public static byte[] withoutMaps() {
        OnnxGraph graph = OnnxGraph.create("vector");
        String image = graph.input("image", -1, 3, 32, 32);
        graph.output(graph.reduce("ReduceMean", image, false, 2, 3), "pooled", -1, 3);
        return graph.toBytes();
    }

    /** An intermediate result of 4 GiB. */
    public static byte[] largeIntermediate() {
        OnnxGraph graph = OnnxGraph.create("large");
        String image = graph.input("image", -1, 3, 32, 32);
        String corner = graph.slice(graph.slice(graph.slice(image, 1, 0, 1), 2, 0, 1), 3, 0, 1);
        String all = graph.node("Expand", List.of(corner, graph.integers("shape", 1, 32, 4096, 4096)));
        graph.output(graph.node("Relu", List.of(all)), "maps", -1, 32, 4096, 4096);
        return graph.toBytes();
    }

    /** Input and output of 4096 x 4096. */
    public static byte[] largeInput() {
        OnnxGraph graph = OnnxGraph.create("large");
        String image = graph.input("image", -1, 3, 4096, 4096);
        graph.output(graph.node("Relu", List.of(image)), "maps", -1, 3, 4096, 4096);
        return graph.toBytes();
    }

    /** A loop of 2^62 passes. */
    public static byte[] endless() {
        OnnxGraph graph = OnnxGraph.create("endless");
        String image = graph.input("image", -1, 3, 32, 32);
        graph.output(graph.node("Loop", List.of(graph.integers("passes", 1L << 62), "", image)), "maps", -1, 3, 32, 32);
        return graph.toBytes();
    }

    /** Convolutions with weights that they share: hours of work in a file of some hundred kilobytes. */
    public static byte[] slow() {
        OnnxGraph graph = OnnxGraph.create("slow");
        int channels = 128;
        String value = graph.node(
                "Conv",
                List.of(
                        graph.input("image", -1, 3, 224, 224),
                        graph.floats("first", new float[channels * 3], channels, 3, 1, 1)));
        String weights = graph.floats("weights", new float[channels * channels * 9], channels, channels, 3, 3);
        List<OnnxAttribute> same = List.of(OnnxAttribute.of("pads", new long[] {1, 1, 1, 1}));
        for (int i = 0; i < 2000; i++) {
            value = graph.node("Conv", List.of(value, weights), same.toArray(OnnxAttribute[]::new));
        }
        graph.output(value, "maps", -1, channels, 224, 224);
        return graph.toBytes();
    }

    /** More nodes than any network has. */
    public static byte[] manyNodes() {
        OnnxGraph graph = OnnxGraph.create("many");
        String value = graph.input("image", -1, 3, 32, 32);
        for (int i = 0; i < 30_000; i++) {
            value = graph.node("Relu", List.of(value));
        }
        graph.output(value, "maps", -1, 3, 32, 32);
        return graph.toBytes();
    }

    /**
     * Logits of an image: sums of its channels' means.
     *
     * @param labels number of labels
     */
    public static byte[] classifier(int labels) {
        OnnxGraph graph = OnnxGraph.create("classifier");
        String image = graph.input("image", -1, 3, 8, 8);
        float[] weights = new float[3 * labels];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i;
        }
        String means = graph.reduce("ReduceMean", image, false, 2, 3);
        graph.output(
                graph.node("MatMul", List.of(means, graph.floats("weights", weights, 3, labels))),
                "logits",
                -1,
                labels);
        return graph.toBytes();
    }

    private static String pooled(OnnxGraph graph, String image) {
        return graph.node(
                "AveragePool",
                List.of(image),
                OnnxAttribute.of("kernel_shape", new long[] {2, 2}),
                OnnxAttribute.of("strides", new long[] {2, 2}));
    }
}
