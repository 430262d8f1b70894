package dev.loupe.model.quantization;

import ai.onnx.proto.OnnxMl.GraphProtoOrBuilder;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which nodes of a graph read which values. */
final class ValueReaders {
    /** Stands for a reader that is not a node: an output of the graph, or a branch. */
    static final int OUTSIDE = -1;

    private final Map<String, List<Integer>> readers = new HashMap<>();

    ValueReaders(GraphProtoOrBuilder graph) {
        List<NodeProto> nodes = graph.getNodeList();
        for (int i = 0; i < nodes.size(); i++) {
            for (String input : nodes.get(i).getInputList()) {
                add(input, i);
            }
            nodes.get(i).getAttributeList().forEach(attribute -> {
                if (attribute.hasG()) {
                    addAll(attribute.getG());
                }
                attribute.getGraphsList().forEach(this::addAll);
            });
        }
        graph.getOutputList().forEach(output -> add(output.getName(), OUTSIDE));
    }

    private void addAll(GraphProtoOrBuilder branch) {
        new ValueReaders(branch).readers.keySet().forEach(value -> add(value, OUTSIDE));
    }

    private void add(String value, int reader) {
        readers.computeIfAbsent(value, _ -> new ArrayList<>()).add(reader);
    }

    /** Numbers of the nodes that read a value, and {@link #OUTSIDE}. */
    List<Integer> of(String value) {
        return readers.getOrDefault(value, List.of());
    }

    /** Number of the only node that reads a value; {@link #OUTSIDE} if there are several, or none. */
    int only(String value) {
        List<Integer> all = of(value);
        return all.size() == 1 ? all.getFirst() : OUTSIDE;
    }
}
