package dev.loupe.model.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites a model of opset 11 or 12 for opset 13, in which {@link OnnxGraph} appends nodes. Only the operators whose
 * form or meaning differs are rewritten; the model computes the same.
 *
 * <p>Source: the ONNX specification, Changelog.md, versions 12 and 13 of the operators.
 */
final class OnnxUpgrade {
    static final int FROM = 11;
    static final int TO = 13;

    /** The IR version from which on a constant need not be an input of the graph, too. */
    private static final int IR_WITH_CONSTANTS = 4;

    /** Attributes that became the second input. */
    private static final Map<String, String> ATTRIBUTE_TO_INPUT =
            Map.of("Squeeze", "axes", "Unsqueeze", "axes", "ReduceSum", "axes", "Split", "split");

    /** They took all dimensions from an axis on as one; now they take that axis alone. */
    private static final Set<String> OVER_AN_AXIS = Set.of("Softmax", "LogSoftmax", "Hardmax");

    /** A way to resize that opset 13 does not have. */
    private static final String REMOVED_RESIZE = "tf_half_pixel_for_nn";

    private int added;

    private OnnxUpgrade() {}

    static ModelProto apply(ModelProto model) {
        ModelProto.Builder upgraded = model.toBuilder().setIrVersion(Math.max(IR_WITH_CONSTANTS, model.getIrVersion()));
        for (OperatorSetIdProto.Builder set : upgraded.getOpsetImportBuilderList()) {
            if (OnnxGraph.isStandard(set.getDomain())) {
                set.setVersion(TO);
            }
        }
        new OnnxUpgrade().rewrite(upgraded.getGraphBuilder());
        return upgraded.build();
    }

    private void rewrite(GraphProto.Builder graph) {
        List<NodeProto> nodes = List.copyOf(graph.getNodeList());
        graph.clearNode();
        for (NodeProto node : nodes) {
            NodeProto.Builder rewritten = node.toBuilder();
            for (AttributeProto.Builder attribute : rewritten.getAttributeBuilderList()) {
                if (attribute.hasG()) {
                    rewrite(attribute.getGBuilder());
                }
            }
            String operator = OnnxGraph.isStandard(node.getDomain()) ? node.getOpType() : "";
            if (ATTRIBUTE_TO_INPUT.containsKey(operator)) {
                moveToInput(ATTRIBUTE_TO_INPUT.get(operator), rewritten, graph);
            } else if (operator.equals("Dropout")) {
                remove("ratio", rewritten); // it matters in training only
            } else if (operator.equals("Resize")) {
                checkResize(node);
            } else if (OVER_AN_AXIS.contains(operator)) {
                flattened(rewritten, graph);
                continue;
            }
            graph.addNode(rewritten);
        }
    }

    private static void checkResize(NodeProto node) {
        boolean removed = node.getAttributeList().stream()
                .anyMatch(attribute -> attribute.getS().toStringUtf8().equals(REMOVED_RESIZE));
        if (removed) {
            throw new InvalidOnnxException("the model has a Resize with " + REMOVED_RESIZE
                    + ", which opset 13 does not have: export the model with opset " + TO + " or newer");
        }
    }

    private void moveToInput(String name, NodeProto.Builder node, GraphProto.Builder graph) {
        AttributeProto attribute = remove(name, node);
        if (attribute == null) {
            return;
        }
        ByteBuffer values =
                ByteBuffer.allocate(Long.BYTES * attribute.getIntsCount()).order(ByteOrder.LITTLE_ENDIAN);
        attribute.getIntsList().forEach(values::putLong);
        String input = fresh(node);
        graph.addInitializer(TensorProto.newBuilder()
                .setName(input)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(attribute.getIntsCount())
                .setRawData(ByteString.copyFrom(values.flip())));
        node.addInput(input);
    }

    /** The operator on a matrix [dimensions before the axis, the others], whose result gets the input's shape. */
    private void flattened(NodeProto.Builder node, GraphProto.Builder graph) {
        AttributeProto axis = remove("axis", node);
        String input = node.getInput(0);
        String output = node.getOutput(0);
        String matrix = fresh(node);
        String result = fresh(node);
        String shape = fresh(node);
        graph.addNode(NodeProto.newBuilder()
                .setOpType("Flatten")
                .addInput(input)
                .addOutput(matrix)
                .addAttribute(
                        OnnxAttribute.of("axis", axis == null ? 1 : axis.getI()).toProto()));
        graph.addNode(node.setInput(0, matrix)
                .setOutput(0, result)
                .addAttribute(OnnxAttribute.of("axis", -1).toProto()));
        graph.addNode(NodeProto.newBuilder().setOpType("Shape").addInput(input).addOutput(shape));
        graph.addNode(NodeProto.newBuilder()
                .setOpType("Reshape")
                .addInput(result)
                .addInput(shape)
                .addOutput(output));
    }

    /** Returns the attribute that was removed, null if there is none. */
    private static AttributeProto remove(String name, NodeProto.Builder node) {
        for (int i = 0; i < node.getAttributeCount(); i++) {
            if (node.getAttribute(i).getName().equals(name)) {
                AttributeProto removed = node.getAttribute(i);
                node.removeAttribute(i);
                return removed;
            }
        }
        return null;
    }

    private String fresh(NodeProto.Builder node) {
        return node.getOpType() + "_of_opset_13_" + added++;
    }
}
