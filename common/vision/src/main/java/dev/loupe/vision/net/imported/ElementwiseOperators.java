package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.loupe.vision.net.imported.Operators.Operator;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;

/** Activations and arithmetic. */
final class ElementwiseOperators {
    /** Below it, the root has no gradient: that of the root of 0 is infinite. */
    private static final float SMALLEST_SQUARE = 1e-12f;

    private ElementwiseOperators() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Relu", ofFunction(NDArrayEx::relu));
        operators.put("LeakyRelu", Operator.of(call -> call.function().leakyRelu(call.number("alpha", .01f))));
        operators.put("Elu", Operator.of(call -> call.function().elu(call.number("alpha", 1))));
        operators.put("PRelu", Operator.of(ElementwiseOperators::parametricRelu));
        operators.put("Sigmoid", ofFunction(NDArrayEx::sigmoid));
        operators.put("Tanh", Operator.ofArray(NDArray::tanh));
        operators.put("Softplus", ofFunction(NDArrayEx::softPlus));
        operators.put("HardSigmoid", Operator.of(call -> times(call.array(0), call.number("alpha", .2f))
                .add(call.number("beta", .5f))
                .clip(0, 1)));
        operators.put(
                "HardSwish",
                Operator.ofArray(x -> x.mul(times(x, 1f / 6).add(.5f).clip(0, 1))));
        operators.put("Gelu", Operator.of(ElementwiseOperators::gelu));
        operators.put("Clip", Operator.of(call -> call.array(0)
                .clip(call.scalar(1, -Float.MAX_VALUE), call.scalar(2, Float.MAX_VALUE))));
        operators.put("Exp", Operator.ofArray(NDArray::exp));
        operators.put("Log", Operator.ofArray(NDArray::log));
        operators.put("Abs", Operator.ofArray(NDArray::abs));
        operators.put("Neg", Operator.ofArray(NDArray::neg));
        operators.put("Erf", Operator.ofArray(NDArray::erf));
        operators.put("Sqrt", Operator.ofArray(ElementwiseOperators::root));
        operators.put("Reciprocal", Operator.ofArray(ElementwiseOperators::reciprocal));
        operators.put("Pow", Operator.of(call -> call.array(0).pow(call.array(1))));
        operators.put("Softmax", Operator.of(call -> call.array(0).softmax(axis(call))));
        operators.put("LogSoftmax", Operator.of(call -> call.array(0).logSoftmax(axis(call))));
        operators.put("Add", arithmetic(NDArray::add, Math::addExact));
        operators.put("Sub", arithmetic(NDArray::sub, Math::subtractExact));
        operators.put("Mul", arithmetic(NDArray::mul, Math::multiplyExact));
        operators.put("Div", arithmetic(NDArray::div, (a, b) -> a / b));
    }

    private static Operator ofFunction(Function<NDArrayEx, NDArray> function) {
        return Operator.of(call -> function.apply(call.function()));
    }

    private static int axis(NodeCall call) {
        return NodeCall.axis(call.integer("axis", -1), call.array(0).getShape().dimension());
    }

    /**
     * The product with a number. DJL's own {@code mul(Number)} reads the number from a buffer that is freed some time
     * afterwards, although the backward pass still needs it; PyTorch counts the users of this array's memory.
     */
    static NDArray times(NDArray array, float factor) {
        try (NDArray number = number(array, factor)) {
            return array.mul(number);
        }
    }

    private static NDArray reciprocal(NDArray array) {
        try (NDArray one = number(array, 1)) {
            return one.div(array);
        }
    }

    private static NDArray number(NDArray like, float value) {
        return like.getManager().full(new Shape(), value, DataType.FLOAT32);
    }

    static NDArray root(NDArray squares) {
        return squares.clip(SMALLEST_SQUARE, Float.MAX_VALUE).sqrt();
    }

    private static NDArray parametricRelu(NodeCall call) {
        NDArray below = call.array(0).neg().getNDArrayInternal().relu();
        return call.function().relu().sub(below.mul(call.array(1)));
    }

    private static NDArray gelu(NodeCall call) {
        call.require(call.text("approximate", "none").equals("none"), "expected approximate = none");
        return call.function().gelu();
    }

    private static Operator arithmetic(BinaryOperator<NDArray> numbers, LongBinaryOperator integers) {
        return call -> call.value(0) instanceof Value.Integers first
                ? List.of(integers(call, first, call.integers(1), integers))
                : List.of(new Value.Floats(numbers.apply(call.array(0), call.array(1))));
    }

    private static Value integers(NodeCall call, Value.Integers a, Value.Integers b, LongBinaryOperator operator) {
        int size = Math.max(a.values().length, b.values().length);
        call.require(
                (a.values().length == size || a.values().length == 1)
                        && (b.values().length == size || b.values().length == 1),
                "expected integers of the same size, got the shapes " + new Shape(a.shape()) + " and "
                        + new Shape(b.shape()));
        long[] result = new long[size];
        for (int i = 0; i < size; i++) {
            result[i] = operator.applyAsLong(a.values()[i % a.values().length], b.values()[i % b.values().length]);
        }
        return new Value.Integers(result, a.shape().length >= b.shape().length ? a.shape() : b.shape());
    }
}
