package dev.loupe.model.quantization;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.loupe.model.quantization.Constants.Floats;
import java.util.Arrays;

/**
 * A layer that can compute with 8-bit integers: its weights are constant, and each output channel has a scale of its own.
 *
 * @param kind operator of the node
 * @param weights its weights
 * @param channelAxis axis of the weights that counts the output channels
 * @param bias one number for each output channel, null for none
 */
record QuantizedLayer(LayerKind kind, Floats weights, int channelAxis, Floats bias) {
    /** Largest magnitude of a weight: symmetric, without -128. */
    private static final int LIMIT = 127;

    /**
     * The layer that a node is, null if it cannot compute with 8-bit integers.
     *
     * <p>Left out are convolutions to one channel, which are filters of anomaly maps rather than layers, and products
     * with factors, which compute distances: they need all digits and would gain nothing.
     */
    static QuantizedLayer of(NodeProto node, Constants constants) {
        LayerKind kind = LayerKind.of(node);
        if (kind == null || constants.contains(node.getInput(0))) {
            return null;
        }
        Floats weights = constants.floats(node.getInput(1), kind == LayerKind.CONV ? 4 : 2);
        boolean biased = node.getInputCount() > 2 && !node.getInput(2).isEmpty();
        Floats bias = biased ? constants.floats(node.getInput(2), 1) : null;
        if (weights == null || biased && bias == null) {
            return null;
        }
        QuantizedLayer layer =
                switch (kind) {
                    case CONV -> new QuantizedLayer(kind, weights, 0, bias);
                    case MATMUL -> new QuantizedLayer(kind, weights, 1, null);
                    case GEMM -> new QuantizedLayer(kind, weights, flag(node, "transB") ? 0 : 1, bias);
                };
        boolean plain = !flag(node, "transA") && factor(node, "alpha") == 1 && factor(node, "beta") == 1;
        boolean fits = bias == null || bias.values().length == layer.channels();
        return plain && fits && layer.channels() > 1 ? layer : null;
    }

    private static boolean flag(NodeProto node, String name) {
        return node.getAttributeList().stream().anyMatch(a -> a.getName().equals(name) && a.getI() != 0);
    }

    private static double factor(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .mapToDouble(AttributeProto::getF)
                .findFirst()
                .orElse(1);
    }

    int channels() {
        return (int) weights.shape()[channelAxis];
    }

    /**
     * The scale of each output channel: its largest weight becomes 127. It is larger if the bias, whose scale is the
     * product with that of the input, would not fit into 32 bits.
     */
    float[] scales(float inputScale) {
        float[] largest = new float[channels()];
        for (int i = 0; i < weights.values().length; i++) {
            int channel = channel(i);
            largest[channel] = Math.max(largest[channel], Math.abs(weights.values()[i]));
        }
        float[] scales = new float[largest.length];
        for (int c = 0; c < scales.length; c++) {
            double scale = (double) largest[c] / LIMIT;
            if (bias != null) {
                scale = Math.max(scale, 2.0 * Math.abs(bias.values()[c]) / Integer.MAX_VALUE / inputScale);
            }
            scales[c] = scale < Float.MIN_NORMAL ? 1 : (float) scale;
        }
        return scales;
    }

    /** The weights in these scales. */
    byte[] quantizedWeights(float[] scales) {
        byte[] quantized = new byte[weights.values().length];
        for (int i = 0; i < quantized.length; i++) {
            double exact = weights.values()[i] / scales[channel(i)];
            quantized[i] = (byte) Math.clamp(Math.rint(exact), -LIMIT, LIMIT);
        }
        return quantized;
    }

    /** The bias in these scales. */
    int[] quantizedBias(float[] scales) {
        int[] quantized = new int[scales.length];
        Arrays.setAll(quantized, c -> (int) Math.rint((double) bias.values()[c] / scales[c]));
        return quantized;
    }

    private int channel(int index) {
        int inner = 1;
        for (int axis = channelAxis + 1; axis < weights.shape().length; axis++) {
            inner *= (int) weights.shape()[axis];
        }
        return index / inner % channels();
    }
}
