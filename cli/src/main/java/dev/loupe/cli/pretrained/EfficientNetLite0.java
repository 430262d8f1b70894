package dev.loupe.cli.pretrained;

import dev.loupe.cli.pretrained.PyTorchCheckpoint.Tensor;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;
import java.util.Map;

/**
 * EfficientNet-Lite0 as an ONNX backbone: input {@code image} {@code [n, 3, 224, 224]}; outputs {@code stride4}
 * {@code [n, 24, 56, 56]}, {@code stride8} {@code [n, 40, 28, 28]}, {@code stride16} {@code [n, 112, 14, 14]} and
 * {@code pooled} {@code [n, 1280]}. Batch normalization is folded into the convolutions.
 *
 * <p>Source: Tan and Le, <i>EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks</i>, ICML 2019,
 * table 1. The Lite variant has no squeeze-and-excitation, and ReLU6 instead of swish.
 */
final class EfficientNetLite0 {
    private static final int SIDE = 224;
    /** Of batch normalization. */
    private static final float EPSILON = 1e-3f;

    private static final float MAX_ACTIVATION = 6;

    /**
     * Blocks of one size.
     *
     * @param stride of the first block; the others have 1
     * @param output name of the output that the last block becomes, null if none
     */
    private record Stage(int blocks, int stride, int channels, String output) {}

    private static final List<Stage> STAGES = List.of(
            new Stage(1, 1, 16, null),
            new Stage(2, 2, 24, "stride4"),
            new Stage(2, 2, 40, "stride8"),
            new Stage(3, 2, 80, null),
            new Stage(3, 1, 112, "stride16"),
            new Stage(4, 2, 192, null),
            new Stage(1, 1, 320, null));

    /** A value of the graph: {@code [n, channels, side, side]}. */
    private record Features(String name, int channels, int side) {}

    private final OnnxGraph graph = OnnxGraph.create("efficientnet-lite0");
    private final Map<String, Tensor> weights;
    private final String zero = graph.scalar("zero", 0);
    private final String six = graph.scalar("six", MAX_ACTIVATION);

    private EfficientNetLite0(Map<String, Tensor> weights) {
        this.weights = weights;
    }

    /**
     * Returns the ONNX file.
     *
     * @param weights the state of the network, in the names of the package {@code efficientnet-lite-pytorch}
     * @throws IllegalArgumentException if a weight is missing, or has another shape
     */
    static byte[] onnx(Map<String, Tensor> weights) {
        return new EfficientNetLite0(weights).build();
    }

    private byte[] build() {
        Features features = new Features(graph.input("image", -1, 3, SIDE, SIDE), 3, SIDE);
        features = relu6(convolution(features, "_conv_stem", "_bn0", 2));
        int block = 0;
        for (Stage stage : STAGES) {
            for (int i = 0; i < stage.blocks(); i++) {
                features = block(features, "_blocks." + block++ + ".", i == 0 ? stage.stride() : 1);
            }
            if (features.channels() != stage.channels()) {
                throw new IllegalArgumentException("block " + (block - 1) + " has " + features.channels()
                        + " channels, expected " + stage.channels());
            }
            if (stage.output() != null) {
                graph.output(
                        features.name(), stage.output(), -1, features.channels(), features.side(), features.side());
            }
        }
        features = relu6(convolution(features, "_conv_head", "_bn1", 1));
        String average = graph.node("GlobalAveragePool", List.of(features.name()));
        graph.output(graph.node("Flatten", List.of(average)), "pooled", -1, features.channels());
        return graph.toBytes();
    }

    /** An inverted residual block: more channels, a filter for each of them, fewer channels. */
    private Features block(Features input, String prefix, int stride) {
        Features wide = weights.containsKey(prefix + "_expand_conv.weight")
                ? relu6(convolution(input, prefix + "_expand_conv", prefix + "_bn0", 1))
                : input;
        Features filtered = relu6(convolution(wide, prefix + "_depthwise_conv", prefix + "_bn1", stride));
        Features output = convolution(filtered, prefix + "_project_conv", prefix + "_bn2", 1);
        if (stride != 1 || input.channels() != output.channels()) {
            return output;
        }
        String sum = graph.node("Add", List.of(output.name(), input.name()));
        return new Features(sum, output.channels(), output.side());
    }

    private Features relu6(Features input) {
        return new Features(graph.node("Clip", List.of(input.name(), zero, six)), input.channels(), input.side());
    }

    /** A convolution with the batch normalization after it, padded so that the side is only divided by the stride. */
    private Features convolution(Features input, String layer, String normalization, int stride) {
        Tensor kernel = weight(layer + ".weight");
        int channels = kernel.shape()[0];
        int size = kernel.shape()[2];
        float[] scaled = new float[kernel.values().length];
        float[] bias = new float[channels];
        fold(kernel, normalization, scaled, bias);

        int side = Math.ceilDiv(input.side(), stride);
        int padding = Math.max(0, (side - 1) * stride + size - input.side());
        int before = padding / 2;
        int after = padding - before;
        String name = graph.node(
                "Conv",
                List.of(
                        input.name(),
                        graph.floats(layer + ".weight", scaled, channels, kernel.shape()[1], size, size),
                        graph.floats(layer + ".bias", bias, channels)),
                OnnxAttribute.of("kernel_shape", new long[] {size, size}),
                OnnxAttribute.of("strides", new long[] {stride, stride}),
                OnnxAttribute.of("pads", new long[] {before, before, after, after}),
                OnnxAttribute.of("group", input.channels() / kernel.shape()[1]));
        return new Features(name, channels, side);
    }

    /** Computes the kernel and the bias of a convolution that does what it and its batch normalization do. */
    private void fold(Tensor kernel, String normalization, float[] scaled, float[] bias) {
        float[] gamma = weight(normalization + ".weight").values();
        float[] beta = weight(normalization + ".bias").values();
        float[] mean = weight(normalization + ".running_mean").values();
        float[] variance = weight(normalization + ".running_var").values();
        int each = scaled.length / bias.length;
        for (int channel = 0; channel < bias.length; channel++) {
            float scale = gamma[channel] / (float) Math.sqrt(variance[channel] + EPSILON);
            bias[channel] = beta[channel] - mean[channel] * scale;
            for (int i = channel * each; i < (channel + 1) * each; i++) {
                scaled[i] = kernel.values()[i] * scale;
            }
        }
    }

    private Tensor weight(String name) {
        Tensor tensor = weights.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("there is no weight '" + name + "'");
        }
        return tensor;
    }
}
