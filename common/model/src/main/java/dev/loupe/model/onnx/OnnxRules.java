package dev.loupe.model.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.Set;

/**
 * Rules that an ONNX model must follow, checked in the file before the model runs: it must not contain
 * constructs by which a small file needs unlimited time or memory (loops, sparse tensors, functions that call functions),
 * and no random numbers, because predictions must be reproducible.
 */
final class OnnxRules {
    /** Maximum number of nodes, including those of branches: ten times that of the largest common backbones. */
    static final int MAX_NODES = 20_000;
    /** Maximum number of weights, inputs and outputs. */
    static final int MAX_TENSORS = 20_000;
    /** Maximum length of the name of an input or an output, in characters. */
    static final int MAX_NAME_LENGTH = 200;

    /** Maximum nesting depth of branches. */
    private static final int MAX_BRANCH_DEPTH = 4;

    private static final Set<String> LOOPS = Set.of("Loop", "Scan", "SequenceMap");
    private static final Set<String> RANDOM = Set.of(
            "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial");

    private int nodes;
    private int tensors;

    private OnnxRules() {}

    /** @throws InvalidOnnxException naming the violation */
    static void check(ModelProto model) {
        if (model.getFunctionsCount() > 0) {
            throw new InvalidOnnxException("the model defines functions, such as '"
                    + shortened(model.getFunctions(0).getName()) + "': export the model with its functions inlined");
        }
        new OnnxRules().check(model.getGraph(), 0);
    }

    private void check(GraphProto graph, int depth) {
        if (depth > MAX_BRANCH_DEPTH) {
            throw new InvalidOnnxException(
                    "branches are nested too deeply, expected at most " + MAX_BRANCH_DEPTH + " levels");
        }
        if (graph.getSparseInitializerCount() > 0) {
            throw new InvalidOnnxException("the model has sparse weights: save the model with dense weights");
        }
        nodes += graph.getNodeCount();
        tensors += graph.getInitializerCount() + graph.getInputCount() + graph.getOutputCount();
        if (nodes > MAX_NODES || tensors > MAX_TENSORS) {
            throw new InvalidOnnxException("the model has " + nodes + " nodes and " + tensors
                    + " weights, inputs and outputs, expected at most " + MAX_NODES + " and " + MAX_TENSORS);
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
            throw new InvalidOnnxException("the model has a loop (operator " + operator
                    + "), whose number of iterations is not known in advance: export the model with a fixed graph");
        }
        if (RANDOM.contains(operator)) {
            throw new InvalidOnnxException(
                    "the model uses random numbers (operator " + operator + "): export the model in inference mode");
        }
        for (AttributeProto attribute : node.getAttributeList()) {
            check(attribute.getT());
            attribute.getTensorsList().forEach(OnnxRules::check);
            if (attribute.hasSparseTensor() || attribute.getSparseTensorsCount() > 0) {
                throw new InvalidOnnxException("the model has sparse constants: save the model with dense constants");
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
                    + "' is stored in another file: save the model as one file, without external data");
        }
        // A value needs at least 4 bits, and all values are in the file.
        long most = 2L * tensor.getSerializedSize();
        long values = 1;
        for (long dimension : tensor.getDimsList()) {
            if (dimension < 0 || dimension > 0 && values > most / dimension) {
                throw new InvalidOnnxException("tensor '" + shortened(tensor.getName()) + "' declares the shape "
                        + shortened(tensor.getDimsList().toString()) + " but has data of "
                        + tensor.getSerializedSize() + " bytes");
            }
            values *= dimension;
        }
    }

    private static void checkName(ValueInfoProto value) {
        String name = value.getName();
        if (name.length() > MAX_NAME_LENGTH || name.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidOnnxException(
                    "invalid name '" + shortened(name) + "' of an input or output: expected at most " + MAX_NAME_LENGTH
                            + " characters and no control characters");
        }
    }

    private static String shortened(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "...";
    }
}
