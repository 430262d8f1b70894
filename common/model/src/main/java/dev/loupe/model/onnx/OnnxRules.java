package dev.loupe.model.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.Set;

/**
 * Rules that an ONNX model must follow, checked in the file before the model runs: it must contain nothing that makes a
 * few bytes large or endless (loops, sparse tensors, functions that call functions), and nothing that is not
 * reproducible in serving.
 */
final class OnnxRules {
    /** Most nodes, including those of branches: ten times those of the largest common backbones. */
    static final int MOST_NODES = 20_000;
    /** Most listed weights and outputs. */
    static final int MOST_TENSORS = 20_000;
    /** Longest name of an input or an output, in characters. */
    static final int LONGEST_NAME = 200;

    /** Deepest nesting of branches. */
    private static final int DEEPEST_BRANCH = 4;

    private static final Set<String> LOOPS = Set.of("Loop", "Scan", "SequenceMap");
    private static final Set<String> RANDOM = Set.of(
            "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial");

    private int nodes;
    private int tensors;

    private OnnxRules() {}

    /** @throws InvalidOnnxException naming the violation */
    static void check(ModelProto model) {
        if (model.getFunctionsCount() > 0) {
            throw new InvalidOnnxException("it has functions of its own, such as '"
                    + shortened(model.getFunctions(0).getName()) + "': export the model with its functions inlined");
        }
        new OnnxRules().check(model.getGraph(), 0);
    }

    private void check(GraphProto graph, int depth) {
        if (depth > DEEPEST_BRANCH) {
            throw new InvalidOnnxException("branches lie in branches, expected at most " + DEEPEST_BRANCH + " deep");
        }
        if (graph.getSparseInitializerCount() > 0) {
            throw new InvalidOnnxException("it has sparse weights: save the model with dense weights");
        }
        nodes += graph.getNodeCount();
        tensors += graph.getInitializerCount() + graph.getInputCount() + graph.getOutputCount();
        if (nodes > MOST_NODES || tensors > MOST_TENSORS) {
            throw new InvalidOnnxException("it has " + nodes + " nodes and " + tensors
                    + " weights, inputs and outputs, expected at most " + MOST_NODES + " and " + MOST_TENSORS);
        }
        graph.getInputList().forEach(OnnxRules::checkName);
        graph.getOutputList().forEach(OnnxRules::checkName);
        graph.getInitializerList().forEach(OnnxRules::check);
        for (NodeProto node : graph.getNodeList()) {
            check(node, depth);
        }
    }

    private void check(NodeProto node, int depth) {
        String operator = node.getOpType();
        if (LOOPS.contains(operator)) {
            throw new InvalidOnnxException("it has a loop (operator " + operator
                    + "), whose length is not known before it runs: export the model with a fixed graph");
        }
        if (RANDOM.contains(operator)) {
            throw new InvalidOnnxException(
                    "it draws random numbers (operator " + operator + "): export the model in inference mode");
        }
        for (AttributeProto attribute : node.getAttributeList()) {
            check(attribute.getT());
            attribute.getTensorsList().forEach(OnnxRules::check);
            if (attribute.hasSparseTensor() || attribute.getSparseTensorsCount() > 0) {
                throw new InvalidOnnxException("it has sparse constants: save the model with dense ones");
            }
            if (attribute.hasG()) {
                check(attribute.getG(), depth + 1);
            }
            for (GraphProto branch : attribute.getGraphsList()) {
                check(branch, depth + 1);
            }
        }
    }

    private static void check(TensorProto tensor) {
        if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL || tensor.getExternalDataCount() > 0) {
            throw new InvalidOnnxException("tensor '" + shortened(tensor.getName())
                    + "' lies in another file: save the model as one file, without external data");
        }
        // A value takes at least 4 bits, and all values are in the file.
        long most = 2L * tensor.getSerializedSize();
        long values = 1;
        for (long dimension : tensor.getDimsList()) {
            if (dimension < 0 || dimension > 0 && values > most / dimension) {
                throw new InvalidOnnxException("tensor '" + shortened(tensor.getName()) + "' declares the shape "
                        + shortened(tensor.getDimsList().toString()) + " and has data of "
                        + tensor.getSerializedSize() + " bytes");
            }
            values *= dimension;
        }
    }

    private static void checkName(ValueInfoProto value) {
        String name = value.getName();
        if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidOnnxException("the name '" + shortened(name) + "' of an input or output: expected at most "
                    + LONGEST_NAME + " characters, none of them a control character");
        }
    }

    private static String shortened(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "...";
    }
}
