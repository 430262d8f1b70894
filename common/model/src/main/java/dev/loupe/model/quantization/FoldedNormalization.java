package dev.loupe.model.quantization;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.quantization.Constants.Floats;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Folds each batch normalisation into the convolution before it, if nothing else reads that convolution's result. The
 * graph computes the same.
 */
final class FoldedNormalization {
    private static final double DEFAULT_EPSILON = 1e-5;

    private final OnnxGraph graph;
    private final Constants constants;

    private FoldedNormalization(OnnxGraph graph) {
        this.graph = graph;
        this.constants = new Constants(graph.proto());
    }

    static void apply(OnnxGraph graph) {
        new FoldedNormalization(graph).fold();
    }

    private void fold() {
        GraphProto.Builder proto = graph.proto();
        ValueReaders readers = new ValueReaders(proto);
        List<NodeProto> nodes = List.copyOf(proto.getNodeList());
        Map<String, Integer> convolutions = new HashMap<>();
        Map<Integer, NodeProto> replaced = new HashMap<>();
        Set<Integer> removed = new HashSet<>();
        for (int i = 0; i < nodes.size(); i++) {
            NodeProto node = nodes.get(i);
            if (node.getOpType().equals("Conv")) {
                convolutions.put(node.getOutput(0), i);
            }
            Integer convolution =
                    node.getOpType().equals("BatchNormalization") ? convolutions.get(node.getInput(0)) : null;
            if (convolution != null && readers.only(node.getInput(0)) == i) {
                NodeProto folded = folded(nodes.get(convolution), node);
                if (folded != null) {
                    replaced.put(convolution, folded);
                    removed.add(i);
                }
            }
        }
        proto.clearNode();
        for (int i = 0; i < nodes.size(); i++) {
            if (!removed.contains(i)) {
                proto.addNode(replaced.getOrDefault(i, nodes.get(i)));
            }
        }
    }

    /** Returns the convolution with the normalisation in its weights, null if one of them isn't constant. */
    private NodeProto folded(NodeProto convolution, NodeProto normalization) {
        Floats kernel = constants.floats(convolution.getInput(1), 4);
        Floats[] parameters = new Floats[4];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = constants.floats(normalization.getInput(1 + i), 1);
            if (parameters[i] == null) {
                return null;
            }
        }
        boolean biased =
                convolution.getInputCount() > 2 && !convolution.getInput(2).isEmpty();
        Floats bias = biased ? constants.floats(convolution.getInput(2), 1) : null;
        if (kernel == null || biased && bias == null || normalization.getOutputCount() > 1) {
            return null;
        }
        int channels = parameters[0].values().length;
        float[] weights = kernel.values().clone();
        float[] shifts = new float[channels];
        int size = weights.length / channels;
        double epsilon = epsilon(normalization);
        for (int c = 0; c < channels; c++) {
            double factor = parameters[0].values()[c] / Math.sqrt(parameters[3].values()[c] + epsilon);
            for (int i = c * size; i < (c + 1) * size; i++) {
                weights[i] = (float) (weights[i] * factor);
            }
            double before = (biased ? bias.values()[c] : 0) - parameters[2].values()[c];
            shifts[c] = (float) (parameters[1].values()[c] + before * factor);
        }
        return convolution.toBuilder()
                .clearInput()
                .addInput(convolution.getInput(0))
                .addInput(graph.floats(convolution.getInput(1) + "_folded", weights, kernel.shape()))
                .addInput(graph.floats(convolution.getInput(1) + "_bias", shifts, channels))
                .setOutput(0, normalization.getOutput(0))
                .build();
    }

    private static double epsilon(NodeProto normalization) {
        return normalization.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals("epsilon"))
                .mapToDouble(AttributeProto::getF)
                .findFirst()
                .orElse(DEFAULT_EPSILON);
    }
}
