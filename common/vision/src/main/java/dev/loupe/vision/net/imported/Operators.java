package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The ONNX operators that a network can be trained through.
 *
 * <p>Source: the ONNX specification, Operators.md, opsets 13 to 21.
 */
final class Operators {
    private static final Map<String, Operator> ALL = new HashMap<>();

    static {
        ElementwiseOperators.addTo(ALL);
        LinearOperators.addTo(ALL);
        WindowOperators.addTo(ALL);
        ReductionOperators.addTo(ALL);
        ShapeOperators.addTo(ALL);
    }

    /** Computes the outputs of a node. */
    @FunctionalInterface
    interface Operator {
        List<Value> apply(NodeCall call);

        /** An operator with one output of numbers. */
        static Operator of(Function<NodeCall, NDArray> function) {
            return call -> List.of(new Value.Floats(function.apply(call)));
        }

        /** An operator with one input and one output, both of numbers. */
        static Operator ofArray(UnaryOperator<NDArray> function) {
            return of(call -> function.apply(call.array(0)));
        }
    }

    private Operators() {}

    static boolean supports(NodeProto node) {
        return Set.of("", "ai.onnx").contains(node.getDomain()) && ALL.containsKey(node.getOpType());
    }

    static List<Value> apply(NodeCall call) {
        return ALL.get(call.node().getOpType()).apply(call);
    }
}
