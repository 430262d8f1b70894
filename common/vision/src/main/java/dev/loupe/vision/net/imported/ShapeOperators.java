package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.loupe.vision.net.imported.Operators.Operator;
import dev.loupe.vision.net.imported.Value.Constant;
import dev.loupe.vision.net.imported.Value.Floats;
import dev.loupe.vision.net.imported.Value.Integers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Operators that move values, of numbers and of the integers that shapes are computed with. */
final class ShapeOperators {
    private ShapeOperators() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Identity", call -> List.of(call.value(0)));
        operators.put("Dropout", ShapeOperators::dropout);
        operators.put("Cast", ShapeOperators::cast);
        operators.put("Constant", call -> List.of(constant(call)));
        operators.put("ConstantOfShape", call -> List.of(constantOfShape(call)));
        operators.put("Shape", call -> List.of(shapeOf(call)));
        operators.put("Reshape", call -> List.of(reshaped(call, reshape(call))));
        operators.put("Flatten", call -> List.of(reshaped(call, flat(call))));
        operators.put("Squeeze", call -> List.of(reshaped(call, squeezed(call))));
        operators.put("Unsqueeze", call -> List.of(reshaped(call, unsqueezed(call))));
        operators.put("Transpose", Operator.of(ShapeOperators::transposed));
        operators.put("Expand", Operator.of(ShapeOperators::expanded));
        operators.put("Concat", ShapeOperators::concatenated);
        operators.put("Split", ShapeOperators::split);
        operators.put("Slice", call -> List.of(sliced(call)));
        operators.put("Gather", call -> List.of(gathered(call)));
        operators.put("Pad", Operator.of(ShapeOperators::padded));
    }

    private static List<Value> dropout(NodeCall call) {
        float rate = call.hasAttribute("ratio") ? call.number("ratio", .5f) : call.scalar(1, .5f);
        return call.training() && rate > 0
                ? List.of(new Floats(
                        call.function().dropout(call.array(0), rate, true).singletonOrThrow()))
                : List.of(call.value(0));
    }

    private static List<Value> cast(NodeCall call) {
        TensorProto.DataType type = TensorProto.DataType.forNumber((int) call.integer("to", 0));
        boolean toFloat = type == TensorProto.DataType.FLOAT;
        if (call.value(0) instanceof Integers integers && toFloat) {
            float[] values = new float[integers.values().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = integers.values()[i];
            }
            return List.of(new Constant(values, integers.shape()));
        }
        boolean integer = type == TensorProto.DataType.INT64 || type == TensorProto.DataType.INT32;
        call.require(call.value(0) instanceof Integers ? integer : toFloat, "expected no change of the type");
        return List.of(call.value(0));
    }

    private static Value constant(NodeCall call) {
        if (call.hasAttribute("value_float")) {
            return new Constant(new float[] {call.number("value_float", 0)}, new long[0]);
        } else if (call.hasAttribute("value_floats")) {
            float[] values = call.numbers("value_floats");
            return new Constant(values, new long[] {values.length});
        } else if (call.hasAttribute("value_int")) {
            return new Integers(new long[] {call.integer("value_int", 0)}, new long[0]);
        } else if (call.hasAttribute("value_ints")) {
            return Integers.vector(call.integers("value_ints"));
        }
        call.require(call.hasAttribute("value"), "expected numbers");
        return call.tensor("value");
    }

    private static Value constantOfShape(NodeCall call) {
        long[] shape = call.integers(0).values();
        int size = Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact));
        Value value = call.hasAttribute("value") ? call.tensor("value") : new Constant(new float[1], new long[] {1});
        if (value instanceof Integers integers) {
            long[] values = new long[size];
            Arrays.fill(values, integers.values()[0]);
            return new Integers(values, shape);
        }
        float[] values = new float[size];
        Arrays.fill(values, ((Constant) value).values()[0]);
        return new Constant(values, shape);
    }

    private static long[] shape(NodeCall call) {
        return switch (call.value(0)) {
            case Floats floats -> floats.array().getShape().getShape();
            case Constant constant -> constant.shape();
            case Integers integers -> integers.shape();
        };
    }

    private static Value shapeOf(NodeCall call) {
        long[] shape = shape(call);
        int start = NodeCall.axis(call.integer("start", 0), shape.length);
        int end = NodeCall.axis(call.integer("end", shape.length), shape.length);
        return Integers.vector(Arrays.copyOfRange(shape, start, end));
    }

    private static Value reshaped(NodeCall call, long[] shape) {
        return switch (call.value(0)) {
            case Floats floats -> new Floats(floats.array().reshape(new Shape(shape)));
            case Constant constant -> new Constant(constant.values(), shape);
            case Integers integers -> new Integers(integers.values(), shape);
        };
    }

    private static long[] reshape(NodeCall call) {
        long[] old = shape(call);
        long[] shape = call.integers(1).values().clone();
        int inferred = -1;
        long size = 1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] == 0 && call.integer("allowzero", 0) == 0) {
                shape[i] = old[i];
            }
            if (shape[i] == -1) {
                inferred = i;
            } else {
                size *= shape[i];
            }
        }
        if (inferred >= 0) {
            shape[inferred] = LongStream.of(old).reduce(1, Math::multiplyExact) / size;
        }
        return shape;
    }

    private static long[] flat(NodeCall call) {
        long[] shape = shape(call);
        int axis = NodeCall.axis(call.integer("axis", 1), shape.length);
        long rows = LongStream.of(shape).limit(axis).reduce(1, Math::multiplyExact);
        return new long[] {rows, LongStream.of(shape).skip(axis).reduce(1, Math::multiplyExact)};
    }

    private static long[] squeezed(NodeCall call) {
        long[] shape = shape(call);
        List<Integer> axes = LongStream.of(call.axes())
                .mapToObj(axis -> NodeCall.axis(axis, shape.length))
                .toList();
        return IntStream.range(0, shape.length)
                .filter(axis -> axes.isEmpty() ? shape[axis] != 1 : !axes.contains(axis))
                .mapToLong(axis -> shape[axis])
                .toArray();
    }

    private static long[] unsqueezed(NodeCall call) {
        long[] shape = shape(call);
        int rank = shape.length + call.axes().length;
        List<Integer> axes = LongStream.of(call.axes())
                .mapToObj(axis -> NodeCall.axis(axis, rank))
                .toList();
        long[] result = new long[rank];
        int next = 0;
        for (int axis = 0; axis < rank; axis++) {
            result[axis] = axes.contains(axis) ? 1 : shape[next++];
        }
        return result;
    }

    private static NDArray transposed(NodeCall call) {
        NDArray array = call.array(0);
        int rank = array.getShape().dimension();
        long[] reversed = IntStream.range(0, rank).mapToLong(i -> rank - 1 - i).toArray();
        return array.transpose(LongStream.of(call.integers("perm", reversed))
                .mapToInt(i -> (int) i)
                .toArray());
    }

    private static NDArray expanded(NodeCall call) {
        NDArray array = call.array(0);
        long[] old = array.getShape().getShape();
        long[] shape = call.integers(1).values();
        long[] result = new long[Math.max(old.length, shape.length)];
        for (int i = 1; i <= result.length; i++) {
            long before = i <= old.length ? old[old.length - i] : 1;
            long wanted = i <= shape.length ? shape[shape.length - i] : 1;
            result[result.length - i] = before == 1 ? wanted : before;
        }
        return array.broadcast(new Shape(result));
    }

    private static List<Value> concatenated(NodeCall call) {
        if (call.value(0) instanceof Integers) {
            return List.of(Integers.vector(IntStream.range(0, call.inputs().size())
                    .mapToObj(call::integers)
                    .flatMapToLong(integers -> LongStream.of(integers.values()))
                    .toArray()));
        }
        NDList arrays = new NDList(
                IntStream.range(0, call.inputs().size()).mapToObj(call::array).toList());
        int axis =
                NodeCall.axis(call.integer("axis", 0), arrays.head().getShape().dimension());
        return List.of(new Floats(NDArrays.concat(arrays, axis)));
    }

    private static List<Value> split(NodeCall call) {
        NDArray array = call.array(0);
        int axis = NodeCall.axis(call.integer("axis", 0), array.getShape().dimension());
        long[] sizes = call.has(1) ? call.integers(1).values() : call.integers("split");
        if (sizes.length == 0) {
            int parts = call.node().getOutputCount();
            long side = array.getShape().get(axis);
            long part = Math.ceilDiv(side, parts);
            sizes = LongStream.range(0, parts)
                    .map(i -> Math.min(part, side - i * part))
                    .toArray();
        }
        List<Value> parts = new ArrayList<>();
        long from = 0;
        for (long size : sizes) {
            parts.add(new Floats(slice(array, axis, from, from + size, 1)));
            from += size;
        }
        return parts;
    }

    private static NDArray slice(NDArray array, int axis, long from, long to, long step) {
        String index = ":,".repeat(axis) + from + ":" + to + ":" + step;
        return array.get(index);
    }

    private static Value sliced(NodeCall call) {
        long[] starts = call.integers(1).values();
        long[] ends = call.integers(2).values();
        int rank = shape(call).length;
        Value result = call.value(0) instanceof Integers ? call.value(0) : new Floats(call.array(0));
        for (int i = 0; i < starts.length; i++) {
            int axis = call.has(3) ? NodeCall.axis(call.integers(3).values()[i], rank) : i;
            long step = call.has(4) ? call.integers(4).values()[i] : 1;
            call.require(step > 0, "expected steps above 0");
            long side = shape(call)[axis];
            long from = Math.clamp(starts[i] < 0 ? starts[i] + side : starts[i], 0, side);
            long to = Math.clamp(ends[i] < 0 ? ends[i] + side : ends[i], from, side);
            result = switch (result) {
                case Integers integers ->
                    Integers.vector(LongStream.range(0, Math.ceilDiv(to - from, step))
                            .map(k -> integers.values()[(int) (from + k * step)])
                            .toArray());
                case Floats floats -> new Floats(slice(floats.array(), axis, from, to, step));
                case Constant _ -> throw new IllegalStateException();
            };
        }
        return result;
    }

    private static Value gathered(NodeCall call) {
        Integers indices = call.integers(1);
        long[] shape = shape(call);
        int axis = NodeCall.axis(call.integer("axis", 0), shape.length);
        long[] at = LongStream.of(indices.values())
                .map(index -> index < 0 ? index + shape[axis] : index)
                .toArray();
        if (call.value(0) instanceof Integers data) {
            call.require(data.shape().length == 1, "expected a shape");
            return new Integers(
                    LongStream.of(at).map(index -> data.values()[(int) index]).toArray(), indices.shape());
        }
        call.require(at.length == 1 && indices.shape().length <= 1, "expected a single index");
        NDArray part = slice(call.array(0), axis, at[0], at[0] + 1, 1);
        return new Floats(indices.shape().length == 1 ? part : part.squeeze(axis));
    }

    private static NDArray padded(NodeCall call) {
        NDArray array = call.array(0);
        int rank = array.getShape().dimension();
        long[] pads = call.integers(1).values();
        long[] before = new long[rank];
        long[] after = new long[rank];
        int axes = pads.length / 2;
        for (int i = 0; i < axes; i++) {
            int axis = call.has(3) ? NodeCall.axis(call.integers(3).values()[i], rank) : i;
            before[axis] = pads[i];
            after[axis] = pads[axes + i];
        }
        call.require(LongStream.of(pads).allMatch(pad -> pad >= 0), "expected no negative pads");
        return switch (call.text("mode", "constant")) {
            case "constant" -> {
                // PyTorch counts axes from the last one.
                long[] sides = IntStream.range(0, rank)
                        .map(i -> rank - 1 - i)
                        .boxed()
                        .flatMapToLong(axis -> LongStream.of(before[axis], after[axis]))
                        .toArray();
                yield array.pad(new Shape(sides), call.scalar(2, 0));
            }
            case "reflect" -> {
                NDArray result = array;
                for (int axis = 0; axis < rank; axis++) {
                    result = reflected(result, axis, before[axis], after[axis]);
                }
                yield result;
            }
            default -> throw call.refusal("expected the mode constant or reflect");
        };
    }

    private static NDArray reflected(NDArray array, int axis, long before, long after) {
        if (before + after == 0) {
            return array;
        }
        long side = array.getShape().get(axis);
        NDList parts = new NDList();
        if (before > 0) {
            parts.add(slice(array, axis, 1, before + 1, 1).flip(axis));
        }
        parts.add(array);
        if (after > 0) {
            parts.add(slice(array, axis, side - 1 - after, side - 1, 1).flip(axis));
        }
        return NDArrays.concat(parts, axis);
    }
}
