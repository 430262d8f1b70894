package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.loupe.model.onnx.InvalidOnnxException;
import java.util.List;
import java.util.Optional;

/**
 * One computation of a node.
 *
 * @param node the node
 * @param inputs its inputs; null for one that is left out
 * @param training whether dropout is on
 * @param learnsStatistics whether batch normalisation normalises by the batch and updates its running statistics
 * @param manager manager that owns the arrays of {@code inputs} and all temporary ones
 */
record NodeCall(NodeProto node, List<Value> inputs, boolean training, boolean learnsStatistics, NDManager manager) {

    boolean has(int input) {
        return input < inputs.size() && inputs.get(input) != null;
    }

    Value value(int input) {
        if (!has(input)) {
            throw refusal("input " + input + " is missing");
        }
        return inputs.get(input);
    }

    /** An input of numbers. */
    NDArray array(int input) {
        return switch (value(input)) {
            case Value.Floats floats -> floats.array();
            case Value.Constant constant -> copied(constant);
            case Value.Integers _ -> throw refusal("input " + input + " must be of type float");
        };
    }

    /**
     * An array that is made of Java values reads them from a buffer, which is freed some time after the array is
     * closed, although the backward pass still needs them. PyTorch counts the users of a copy's memory.
     */
    private NDArray copied(Value.Constant constant) {
        try (NDArray buffer = manager.create(constant.values(), new Shape(constant.shape()))) {
            return buffer.duplicate();
        }
    }

    /** The first input, with the functions of networks. */
    NDArrayEx function() {
        return array(0).getNDArrayInternal();
    }

    /** An input of integers: a shape, axes, indices. */
    Value.Integers integers(int input) {
        if (value(input) instanceof Value.Integers integers) {
            return integers;
        }
        throw refusal("input " + input + " must consist of integers that follow from shapes");
    }

    /** A constant number; the default if the input is left out. */
    float scalar(int input, float ifAbsent) {
        if (!has(input)) {
            return ifAbsent;
        }
        if (value(input) instanceof Value.Constant constant && constant.values().length == 1) {
            return constant.values()[0];
        }
        throw refusal("input " + input + " must be a constant number");
    }

    private Optional<AttributeProto> attribute(String name) {
        return node.getAttributeList().stream()
                .filter(one -> one.getName().equals(name))
                .findFirst();
    }

    boolean hasAttribute(String name) {
        return attribute(name).isPresent();
    }

    long integer(String name, long ifAbsent) {
        return attribute(name).map(AttributeProto::getI).orElse(ifAbsent);
    }

    float number(String name, float ifAbsent) {
        return attribute(name).map(AttributeProto::getF).orElse(ifAbsent);
    }

    String text(String name, String ifAbsent) {
        return attribute(name).map(one -> one.getS().toStringUtf8()).orElse(ifAbsent);
    }

    long[] integers(String name, long... ifAbsent) {
        return attribute(name)
                .map(one ->
                        one.getIntsList().stream().mapToLong(Long::longValue).toArray())
                .orElse(ifAbsent);
    }

    float[] numbers(String name) {
        List<Float> values = attribute(name).orElseThrow().getFloatsList();
        float[] numbers = new float[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = values.get(i);
        }
        return numbers;
    }

    Value tensor(String name) {
        return Value.of(attribute(name).orElseThrow().getT());
    }

    /** The axes of a reduction or of Squeeze and Unsqueeze: an input in newer opsets, an attribute in older ones. */
    long[] axes(long... ifAbsent) {
        return has(1) ? integers(1).values() : integers("axes", ifAbsent);
    }

    /** An axis of the first input, counted from the first one. */
    static int axis(long axis, int rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** Refuses a form of the operator. */
    void require(boolean supported, String expected) {
        if (!supported) {
            throw refusal(expected);
        }
    }

    InvalidOnnxException refusal(String expected) {
        return new InvalidOnnxException("node '" + node.getName() + "' (operator " + node.getOpType()
                + ") can't be trained through: " + expected);
    }
}
