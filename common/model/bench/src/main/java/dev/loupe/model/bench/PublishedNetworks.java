package dev.loupe.model.bench;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;
import java.util.Random;

/** Networks whose speed is compared, with random weights: the speed does not depend on them. Thread-safe. */
public final class PublishedNetworks {
    /** Width and height of the input. */
    public static final int SIDE = 224;

    static final String OUTPUT = "scores";

    /** Number of scores. */
    public static final int CLASSES = 1000;

    private static final float RELU6 = 6;

    private final OnnxGraph graph = OnnxGraph.create("network");
    private final Random random = new Random(1);

    private PublishedNetworks() {}

    /**
     * Returns a network as an ONNX file: float {@code [n, 3, SIDE, SIDE]} to the scores of classes, before a softmax.
     *
     * @param network {@code resnet18} or {@code mobilenet_v2}
     */
    public static byte[] named(String network) {
        PublishedNetworks networks = new PublishedNetworks();
        return switch (network) {
            case "resnet18" -> networks.resNet18();
            case "mobilenet_v2" -> networks.mobileNetV2();
            default -> throw new IllegalArgumentException("no network '" + network + "'");
        };
    }

    /** Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, table 1. */
    private byte[] resNet18() {
        String value = relu(convolution(graph.input("image", -1, 3, SIDE, SIDE), 3, 64, 7, 2, 1));
        value = graph.node(
                "MaxPool",
                List.of(value),
                OnnxAttribute.of("kernel_shape", new long[] {3, 3}),
                OnnxAttribute.of("strides", new long[] {2, 2}),
                OnnxAttribute.of("pads", new long[] {1, 1, 1, 1}));
        int in = 64;
        for (int out : new int[] {64, 128, 256, 512}) {
            for (int block = 0; block < 2; block++) {
                int stride = block == 0 && out > in ? 2 : 1;
                String shortcut = in == out ? value : convolution(value, in, out, 1, stride, 1);
                String body = relu(convolution(value, in, out, 3, stride, 1));
                body = convolution(body, out, out, 3, 1, 1);
                value = relu(graph.node("Add", List.of(body, shortcut)));
                in = out;
            }
        }
        return classifier(value, in);
    }

    /** Source: Sandler et al., "MobileNetV2", CVPR 2018, table 2. */
    private byte[] mobileNetV2() {
        String value = relu6(convolution(graph.input("image", -1, 3, SIDE, SIDE), 3, 32, 3, 2, 1));
        int[][] stages = {
            {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
        };
        int in = 32;
        for (int[] stage : stages) {
            for (int block = 0; block < stage[2]; block++) {
                int wide = in * stage[0];
                int stride = block == 0 ? stage[3] : 1;
                String body = stage[0] == 1 ? value : relu6(convolution(value, in, wide, 1, 1, 1));
                body = relu6(convolution(body, wide, wide, 3, stride, wide));
                body = convolution(body, wide, stage[1], 1, 1, 1);
                value = in == stage[1] && stride == 1 ? graph.node("Add", List.of(body, value)) : body;
                in = stage[1];
            }
        }
        return classifier(relu6(convolution(value, in, 1280, 1, 1, 1)), 1280);
    }

    private byte[] classifier(String value, int features) {
        String pooled = graph.reduce("ReduceMean", value, false, 2, 3);
        String scores = graph.node(
                "Gemm",
                List.of(
                        pooled,
                        weights(features, CLASSES, features),
                        graph.floats("bias", new float[CLASSES], CLASSES)),
                OnnxAttribute.of("transB", 1));
        graph.output(scores, OUTPUT, -1, CLASSES);
        return graph.toBytes();
    }

    private String convolution(String input, int in, int out, int kernel, int stride, int groups) {
        long margin = kernel / 2;
        return graph.node(
                "Conv",
                List.of(
                        input,
                        weights(in / groups * kernel * kernel, out, in / groups, kernel, kernel),
                        graph.floats("bias", new float[out], out)),
                OnnxAttribute.of("group", groups),
                OnnxAttribute.of("strides", new long[] {stride, stride}),
                OnnxAttribute.of("pads", new long[] {margin, margin, margin, margin}));
    }

    private String weights(int inputs, long... shape) {
        int size = 1;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / inputs));
        }
        return graph.floats("weight", values, shape);
    }

    private String relu(String input) {
        return graph.node("Relu", List.of(input));
    }

    private String relu6(String input) {
        return graph.node("Clip", List.of(input, graph.scalar("low", 0), graph.scalar("high", RELU6)));
    }
}
