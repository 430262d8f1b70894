package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.loupe.vision.net.imported.Operators.Operator;
import dev.loupe.vision.net.imported.Value.Constant;
import dev.loupe.vision.net.imported.Value.Integers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Products with weights, and normalisation. */
final class LinearOperators {
    private static final float EPSILON = 1e-5f;

    private LinearOperators() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Gemm", Operator.of(LinearOperators::gemm));
        operators.put("MatMul", Operator.of(call -> call.array(0).matMul(call.array(1))));
        operators.put("BatchNormalization", Operator.of(LinearOperators::batchNormalization));
        operators.put("LayerNormalization", Operator.of(LinearOperators::layerNormalization));
        operators.put("DequantizeLinear", LinearOperators::dequantized);
    }

    private static NDArray gemm(NodeCall call) {
        NDArray a = call.integer("transA", 0) == 1 ? call.array(0).transpose() : call.array(0);
        NDArray b = call.integer("transB", 0) == 1 ? call.array(1).transpose() : call.array(1);
        NDArray product = scaled(a.matMul(b), call.number("alpha", 1));
        return call.has(2) ? product.add(scaled(call.array(2), call.number("beta", 1))) : product;
    }

    private static NDArray scaled(NDArray array, float factor) {
        return factor == 1 ? array : ElementwiseOperators.times(array, factor);
    }

    private static NDArray batchNormalization(NodeCall call) {
        call.require(call.integer("training_mode", 0) == 0, "export the model in inference mode");
        return call.function()
                .batchNorm(
                        call.array(0),
                        call.array(3),
                        call.array(4),
                        call.array(1),
                        call.array(2),
                        1,
                        call.number("momentum", .9f),
                        call.number("epsilon", EPSILON),
                        call.learnsStatistics())
                .singletonOrThrow();
    }

    private static NDArray layerNormalization(NodeCall call) {
        long[] shape = call.array(0).getShape().getShape();
        int axis = NodeCall.axis(call.integer("axis", -1), shape.length);
        Shape normalised = new Shape(Arrays.copyOfRange(shape, axis, shape.length));
        NDArray bias = call.has(2) ? call.array(2) : call.manager().zeros(normalised);
        return call.function()
                .layerNorm(call.array(0), normalised, call.array(1), bias, call.number("epsilon", EPSILON))
                .singletonOrThrow();
    }

    /** Quantised weights as numbers: (x - zero) scale, with a zero and a scale for each index of the axis, or one. */
    private static List<Value> dequantized(NodeCall call) {
        Integers quantised = call.integers(0);
        if (!(call.value(1) instanceof Constant scale) || call.integer("block_size", 0) != 0) {
            throw call.refusal("expected constant weights with a scale for each channel");
        }
        int channels = scale.values().length;
        long inner = 1;
        if (channels > 1) {
            int axis = NodeCall.axis(call.integer("axis", 1), quantised.shape().length);
            for (int i = axis + 1; i < quantised.shape().length; i++) {
                inner *= quantised.shape()[i];
            }
        }
        float[] values = new float[quantised.values().length];
        for (int i = 0; i < values.length; i++) {
            int channel = (int) (i / inner % channels);
            long zero = call.has(2) ? call.integers(2).values()[channel] : 0;
            values[i] = (quantised.values()[i] - zero) * scale.values()[channel];
        }
        return List.of(new Constant(values, quantised.shape()));
    }
}
