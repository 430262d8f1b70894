package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.loupe.vision.net.imported.Operators.Operator;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Sums, means and maxima over axes. */
final class ReductionOperators {
    private ReductionOperators() {}

    /** A reduction that keeps the reduced axes, with size 1. */
    private interface Reduction {
        NDArray apply(NDArray array, int[] axes);
    }

    static void addTo(Map<String, Operator> operators) {
        operators.put("ReduceMean", reduction(ReductionOperators::mean));
        operators.put("ReduceSum", reduction((array, axes) -> array.sum(axes, true)));
        operators.put("ReduceMax", reduction(ReductionOperators::maximum));
        operators.put(
                "ReduceL2",
                reduction((array, axes) ->
                        ElementwiseOperators.root(array.square().sum(axes, true))));
        operators.put("GlobalAveragePool", Operator.ofArray(array -> mean(array, sides(array))));
        operators.put("GlobalMaxPool", Operator.ofArray(array -> maximum(array, sides(array))));
    }

    private static Operator reduction(Reduction reduction) {
        return Operator.of(call -> {
            NDArray array = call.array(0);
            int rank = array.getShape().dimension();
            int[] axes = LongStream.of(call.axes())
                    .mapToInt(axis -> NodeCall.axis(axis, rank))
                    .sorted()
                    .toArray();
            if (axes.length == 0) {
                call.require(call.integer("noop_with_empty_axes", 0) == 0, "expected axes");
                axes = IntStream.range(0, rank).toArray();
            }
            NDArray reduced = reduction.apply(array, axes);
            if (call.integer("keepdims", 1) == 1) {
                return reduced;
            }
            int[] gone = axes;
            return reduced.reshape(new Shape(IntStream.range(0, rank)
                    .filter(axis -> Arrays.binarySearch(gone, axis) < 0)
                    .mapToLong(axis -> array.getShape().get(axis))
                    .toArray()));
        });
    }

    private static int[] sides(NDArray array) {
        return IntStream.range(2, array.getShape().dimension()).toArray();
    }

    /** DJL's mean takes one axis. */
    private static NDArray mean(NDArray array, int[] axes) {
        long count =
                IntStream.of(axes).mapToLong(axis -> array.getShape().get(axis)).reduce(1, Math::multiplyExact);
        return ElementwiseOperators.times(array.sum(axes, true), 1f / count);
    }

    /** PyTorch's maximum takes one axis at a time. */
    private static NDArray maximum(NDArray array, int[] axes) {
        NDArray result = array;
        for (int axis : axes) {
            result = result.max(new int[] {axis}, true);
        }
        return result;
    }
}
