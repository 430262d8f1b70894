package dev.loupe.model.quantization;

import ai.onnx.proto.OnnxMl.GraphProtoOrBuilder;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which layers of a graph compute with 8-bit integers, and which values therefore become 8-bit integers: what these
 * layers read, what convolutions compute (after their rectifier, which is then a part of the rounding), and what sums,
 * concatenations and maxima of such values compute, as long as a later layer reads it.
 */
final class QuantizationPlan {
    private static final Set<String> RECTIFIERS = Set.of("Relu", "Clip");

    private final List<NodeProto> nodes;
    private final ValueReaders readers;
    private final Constants constants;
    private final Map<Integer, QuantizedLayer> layers = new LinkedHashMap<>();
    private final Set<String> values = new LinkedHashSet<>();
    private final Map<String, String> sameScale = new LinkedHashMap<>();

    /** @param inner whether the first and the last of the layers stay as they are */
    QuantizationPlan(GraphProtoOrBuilder graph, Set<LayerKind> kinds, boolean inner) {
        nodes = List.copyOf(graph.getNodeList());
        readers = new ValueReaders(graph);
        constants = new Constants(graph);
        for (int i = 0; i < nodes.size(); i++) {
            QuantizedLayer layer = QuantizedLayer.of(nodes.get(i), constants);
            if (layer != null && kinds.contains(layer.kind())) {
                layers.put(i, layer);
            }
        }
        if (inner) {
            List<Integer> all = List.copyOf(layers.keySet());
            all.stream().limit(1).forEach(layers::remove);
            all.stream().skip(Math.max(0, all.size() - 1)).forEach(layers::remove);
        }
        layers.keySet().forEach(i -> values.add(nodes.get(i).getInput(0)));
        Set<String> leading = leadingToLayers();
        for (int i = 0; i < nodes.size(); i++) {
            addResult(i, leading);
        }
    }

    /** The layers, by the number of their node. */
    Map<Integer, QuantizedLayer> layers() {
        return layers;
    }

    /** Names of the values that become 8-bit integers. */
    Set<String> values() {
        return values;
    }

    /** Values that have the scale of another one, which they are selected from. */
    Map<String, String> sameScale() {
        return sameScale;
    }

    /** The values that a layer depends on. */
    private Set<String> leadingToLayers() {
        Set<String> leading = new HashSet<>();
        // Nodes are in order: each comes after those that it reads from.
        for (int i = nodes.size() - 1; i >= 0; i--) {
            NodeProto node = nodes.get(i);
            if (layers.containsKey(i) || node.getOutputList().stream().anyMatch(leading::contains)) {
                leading.addAll(node.getInputList());
            }
        }
        return leading;
    }

    private void addResult(int number, Set<String> leading) {
        NodeProto node = nodes.get(number);
        String result = node.getOutputCount() == 1 ? node.getOutput(0) : "";
        QuantizedLayer layer = layers.get(number);
        if (layer != null && layer.kind() == LayerKind.CONV) {
            values.add(rectified(result));
        } else if (leading.contains(result) && values.containsAll(node.getInputList())) {
            switch (node.getOpType()) {
                case "Add", "Concat" -> values.add(rectified(result));
                case "MaxPool" -> {
                    values.add(result);
                    sameScale.put(result, node.getInput(0));
                }
                default -> {}
            }
        }
    }

    /** The value after the rectifier that alone reads this one; otherwise the value itself. */
    private String rectified(String value) {
        int reader = readers.only(value);
        if (reader == ValueReaders.OUTSIDE
                || !RECTIFIERS.contains(nodes.get(reader).getOpType())) {
            return value;
        }
        NodeProto rectifier = nodes.get(reader);
        boolean bounded = rectifier.getInputList().stream().skip(1).allMatch(b -> b.isEmpty() || constants.contains(b));
        return bounded ? rectifier.getOutput(0) : value;
    }
}
