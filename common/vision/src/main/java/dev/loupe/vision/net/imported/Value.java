package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.loupe.model.onnx.InvalidOnnxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/** A value of a graph while it is computed. */
sealed interface Value {

    /** Numbers in native memory, through which gradients flow. */
    record Floats(NDArray array) implements Value {}

    /** Constant numbers. */
    record Constant(float[] values, long[] shape) implements Value {}

    /** Integers such as shapes and axes, booleans as 0 and 1, and quantised weights. */
    record Integers(long[] values, long[] shape) implements Value {
        static Integers vector(long... values) {
            return new Integers(values, new long[] {values.length});
        }
    }

    /**
     * Reads a tensor.
     *
     * @throws InvalidOnnxException if it is of a type that can't be computed with
     */
    static Value of(TensorProto tensor) {
        long[] shape = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
        int size = Math.toIntExact(java.util.stream.LongStream.of(shape).reduce(1, Math::multiplyExact));
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        boolean inRaw = tensor.hasRawData();
        return switch (TensorProto.DataType.forNumber(tensor.getDataType())) {
            case FLOAT -> {
                float[] values = new float[size];
                for (int i = 0; i < size; i++) {
                    values[i] = inRaw ? raw.getFloat() : tensor.getFloatData(i);
                }
                yield new Constant(values, shape);
            }
            case INT64 -> integers(size, shape, i -> inRaw ? raw.getLong() : tensor.getInt64Data(i));
            case INT32 -> integers(size, shape, i -> inRaw ? raw.getInt() : tensor.getInt32Data(i));
            case INT8 -> integers(size, shape, i -> inRaw ? raw.get() : tensor.getInt32Data(i));
            case UINT8, BOOL -> integers(size, shape, i -> inRaw ? raw.get() & 0xff : tensor.getInt32Data(i));
            case null, default ->
                throw new InvalidOnnxException("tensor '" + tensor.getName() + "' is of type "
                        + TensorProto.DataType.forNumber(tensor.getDataType())
                        + ": training needs numbers of type FLOAT; export the model with 32-bit floats");
        };
    }

    private static Integers integers(int size, long[] shape, java.util.function.IntToLongFunction element) {
        // In order: the elements are read one after the other.
        return new Integers(IntStream.range(0, size).mapToLong(element).toArray(), shape);
    }
}
