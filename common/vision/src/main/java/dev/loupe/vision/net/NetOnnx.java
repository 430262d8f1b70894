package dev.loupe.vision.net;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.net.Layer.AdaptiveAverage;
import dev.loupe.vision.net.Layer.BatchNorm;
import dev.loupe.vision.net.Layer.Concat;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Layer.Dropout;
import dev.loupe.vision.net.Layer.Flatten;
import dev.loupe.vision.net.Layer.GlobalAverage;
import dev.loupe.vision.net.Layer.Linear;
import dev.loupe.vision.net.Layer.MaxPool;
import dev.loupe.vision.net.Layer.Relu;
import dev.loupe.vision.net.Layer.Relu6;
import dev.loupe.vision.net.Layer.Residual;
import dev.loupe.vision.net.Layer.Upsample;
import java.util.Iterator;
import java.util.List;

/** Writes a {@link Net} into an ONNX graph. A batch normalisation is folded into the convolution before it. */
public final class NetOnnx {
    private final OnnxGraph graph;
    private final Iterator<float[]> weights;

    private NetOnnx(OnnxGraph graph, List<float[]> weights) {
        this.graph = graph;
        this.weights = weights.iterator();
    }

    /**
     * Appends a network.
     *
     * @param graph graph to append to
     * @param input name of the value that is the network's input
     * @param side height and width of the input, 1 if it is a vector
     * @param net network to append
     * @param weights weights in the order of {@link Net#weightShapes()}
     * @return the name of the network's output value
     */
    public static String append(OnnxGraph graph, String input, int side, Net net, List<float[]> weights) {
        return new NetOnnx(graph, weights).layers(input, side, net.layers());
    }

    private String layers(String input, int inputSide, List<Layer> layers) {
        String value = input;
        int side = inputSide;
        for (int i = 0; i < layers.size(); i++) {
            int next = layers.get(i).side(side);
            if (layers.get(i) instanceof Convolution convolution) {
                boolean normalised = i + 1 < layers.size() && layers.get(i + 1) instanceof BatchNorm;
                value = convolution(value, convolution, normalised);
                i += normalised ? 1 : 0;
            } else {
                value = layer(value, side, layers.get(i));
            }
            side = next;
        }
        return value;
    }

    private String layer(String input, int side, Layer layer) {
        return switch (layer) {
            case Convolution convolution -> convolution(input, convolution, false);
            case BatchNorm _ ->
                throw new IllegalArgumentException("a batch normalisation must follow a convolution, to be folded in");
            case Relu _ -> graph.node("Relu", List.of(input));
            case Relu6 _ ->
                graph.node("Clip", List.of(input, graph.scalar("least", 0), graph.scalar("most", Relu6.MAX)));
            case MaxPool pool -> maxPool(input, pool);
            case AdaptiveAverage average -> average.side() == side ? input : average(input, side, average);
            case Flatten _ -> graph.node("Flatten", List.of(input), OnnxAttribute.of("axis", 1));
            case Dropout _ -> input;
            case Upsample upsample -> upsample(input, upsample);
            case GlobalAverage _ -> graph.reduce("ReduceMean", input, false, 2, 3);
            case Linear linear ->
                graph.node(
                        "Gemm",
                        List.of(
                                input,
                                graph.floats("weight", weights.next(), linear.out(), linear.in()),
                                graph.floats("bias", weights.next(), linear.out())),
                        OnnxAttribute.of("transB", 1));
            case Residual residual -> {
                String body = layers(input, side, residual.body());
                String shortcut = layers(input, side, residual.shortcut());
                yield graph.node("Add", List.of(body, shortcut));
            }
            case Concat concat -> {
                String first = layers(input, side, concat.first());
                String second = layers(input, side, concat.second());
                yield graph.node("Concat", List.of(first, second), OnnxAttribute.of("axis", 1));
            }
        };
    }

    private String maxPool(String input, MaxPool layer) {
        return graph.node(
                "MaxPool",
                List.of(input),
                OnnxAttribute.of("kernel_shape", new long[] {layer.kernel(), layer.kernel()}),
                OnnxAttribute.of("strides", new long[] {layer.stride(), layer.stride()}),
                OnnxAttribute.of("pads", new long[] {layer.margin(), layer.margin(), layer.margin(), layer.margin()}),
                OnnxAttribute.of("ceil_mode", layer.whole() ? 1 : 0));
    }

    private String upsample(String input, Upsample layer) {
        float[] scales = {1, 1, layer.factor(), layer.factor()};
        return graph.node(
                "Resize",
                List.of(input, "", graph.floats("scales", scales, scales.length)),
                OnnxAttribute.of("mode", "nearest"),
                OnnxAttribute.of("coordinate_transformation_mode", "asymmetric"),
                OnnxAttribute.of("nearest_mode", "floor"));
    }

    /** ONNX has no such operator; the mean of rows and the mean of columns are two products with constants. */
    private String average(String input, int side, AdaptiveAverage layer) {
        String rows = graph.floats("rows", layer.shares(side), layer.side(), side);
        String columns = graph.node("Transpose", List.of(rows), OnnxAttribute.of("perm", new long[] {1, 0}));
        return graph.node("MatMul", List.of(rows, graph.node("MatMul", List.of(input, columns))));
    }

    private String convolution(String input, Convolution layer, boolean normalised) {
        float[] kernel = weights.next().clone();
        float[] bias = layer.bias() ? weights.next().clone() : new float[layer.out()];
        if (normalised) {
            fold(kernel, bias);
        }
        long margin = layer.margin();
        return graph.node(
                "Conv",
                List.of(
                        input,
                        graph.floats(
                                "kernel",
                                kernel,
                                layer.out(),
                                layer.in() / layer.groups(),
                                layer.kernel(),
                                layer.kernel()),
                        graph.floats("bias", bias, layer.out())),
                OnnxAttribute.of("kernel_shape", new long[] {layer.kernel(), layer.kernel()}),
                OnnxAttribute.of("group", layer.groups()),
                OnnxAttribute.of("strides", new long[] {layer.stride(), layer.stride()}),
                OnnxAttribute.of("pads", new long[] {margin, margin, margin, margin}));
    }

    private void fold(float[] kernel, float[] bias) {
        float[] gamma = weights.next();
        float[] beta = weights.next();
        float[] mean = weights.next();
        float[] variance = weights.next();
        int size = kernel.length / bias.length;
        for (int c = 0; c < bias.length; c++) {
            double factor = gamma[c] / Math.sqrt(variance[c] + BatchNorm.EPSILON);
            for (int i = c * size; i < (c + 1) * size; i++) {
                kernel[i] = (float) (kernel[i] * factor);
            }
            bias[c] = (float) (beta[c] + (bias[c] - mean[c]) * factor);
        }
    }
}
