package dev.loupe.inference.serve;

import static dev.loupe.inference.serve.TensorBytes.refused;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.inference.serve.ModelInput.Decoded;
import dev.loupe.inference.serve.ModelInput.Halves;
import dev.loupe.inference.serve.ModelInput.Images;
import dev.loupe.inference.serve.ModelInput.Prepared;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.service.error.QuotedInput;
import java.util.List;

/**
 * Reads the input of a {@code ModelInfer} request: exactly one of {@code image}, {@code pixels} and {@code tensor}, in
 * {@code contents} or in {@code raw_input_contents}. Errors name the expected and the actual value.
 */
final class InferInputs {
    /** Encoded images, BYTES {@code [n]}. */
    static final String IMAGE = "image";
    /** Decoded images, UINT8 {@code [n, height, width, 3]} or {@code [n, 3, height, width]}. */
    static final String PIXELS = "pixels";
    /** Prepared images, FP32 or FP16 {@code [n, 3, height, width]}. */
    static final String TENSOR = "tensor";

    /** Most inputs and dimensions that an error message lists. */
    private static final int MAX_NAMED = 8;
    /** Longest side of {@code pixels}: that of an encoded image. */
    private static final int MAX_SIDE = 65_500;

    private static final long CHANNELS = 3;
    private static final String HALF = "FP16";
    /** Parameter of Triton: the input is in a memory that the client and the server share. */
    private static final String SHARED_MEMORY = "shared_memory_region";

    private InferInputs() {}

    /**
     * @param preprocessing preprocessing of the model, which determines the size of a tensor
     * @param maxBatch most images
     */
    static ModelInput parse(ModelInferRequest request, Preprocessing preprocessing, int maxBatch) {
        if (request.getInputsCount() != 1) {
            throw refused("inputs: expected exactly one, '%s', '%s' or '%s', got %d: %s"
                    .formatted(
                            IMAGE,
                            PIXELS,
                            TENSOR,
                            request.getInputsCount(),
                            request.getInputsList().stream()
                                    .limit(MAX_NAMED)
                                    .map(input -> QuotedInput.of(input.getName()))
                                    .toList()));
        }
        InferInputTensor input = request.getInputs(0);
        if (input.containsParameters(SHARED_MEMORY)) {
            throw refused("input %s: expected its values in the request, got the parameter '%s'"
                    .formatted(QuotedInput.of(input.getName()), SHARED_MEMORY));
        }
        ByteString raw = raw(request, input);
        return switch (input.getName()) {
            case IMAGE -> images(input, raw, maxBatch);
            case PIXELS -> decoded(input, raw, maxBatch);
            case TENSOR -> prepared(input, raw, preprocessing, maxBatch);
            default ->
                throw refused("inputs: expected '%s', '%s' or '%s', got %s"
                        .formatted(IMAGE, PIXELS, TENSOR, QuotedInput.of(input.getName())));
        };
    }

    /** Returns the raw contents, null if the request uses {@code contents}. */
    private static ByteString raw(ModelInferRequest request, InferInputTensor input) {
        if (request.getRawInputContentsCount() == 0) {
            return null;
        }
        if (request.getRawInputContentsCount() != 1) {
            throw refused("raw_input_contents: expected one entry for each input (1), got "
                    + request.getRawInputContentsCount());
        }
        if (input.hasContents()) {
            throw refused("input " + QuotedInput.of(input.getName())
                    + ": expected either contents or raw_input_contents, got both");
        }
        return request.getRawInputContents(0);
    }

    private static Images images(InferInputTensor input, ByteString raw, int maxBatch) {
        requireType(input, "BYTES");
        if (input.getShapeCount() != 1) {
            throw refused("input '" + IMAGE + "': expected shape [n], got " + shape(input));
        }
        int count = count(input, maxBatch);
        if (raw != null) {
            return new Images(TensorBytes.elements(IMAGE, raw, count));
        }
        List<ByteString> elements = input.getContents().getBytesContentsList();
        requireOnly(input, InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER);
        if (elements.size() != count) {
            throw refused("input '%s': shape %s requires %d elements, got %d in bytes_contents"
                    .formatted(IMAGE, shape(input), count, elements.size()));
        }
        return new Images(elements);
    }

    private static Decoded decoded(InferInputTensor input, ByteString raw, int maxBatch) {
        requireType(input, "UINT8");
        boolean interleaved = input.getShapeCount() == 4 && input.getShape(3) == CHANNELS;
        if (!interleaved && (input.getShapeCount() != 4 || input.getShape(1) != CHANNELS)) {
            throw refused("input '%s': expected shape [n, height, width, 3] or [n, 3, height, width], got %s"
                    .formatted(PIXELS, shape(input)));
        }
        int count = count(input, maxBatch);
        long height = input.getShape(interleaved ? 1 : 2);
        long width = input.getShape(interleaved ? 2 : 3);
        if (height < 1 || height > MAX_SIDE || width < 1 || width > MAX_SIDE) {
            throw refused("input '%s': expected a height and a width of 1..%d, got shape %s"
                    .formatted(PIXELS, MAX_SIDE, shape(input)));
        }
        long size = count * CHANNELS * height * width;
        ByteString bytes = raw == null ? bytes(input, size) : raw;
        requireSize(input, bytes, size);
        return new Decoded(bytes, !interleaved, count, (int) width, (int) height);
    }

    private static ByteString bytes(InferInputTensor input, long size) {
        requireOnly(input, InferTensorContents.UINT_CONTENTS_FIELD_NUMBER);
        List<Integer> given = input.getContents().getUintContentsList();
        if (given.size() != size) {
            throw refused("input '%s': shape %s requires %d values, got %d in uint_contents"
                    .formatted(PIXELS, input.getShapeList(), size, given.size()));
        }
        byte[] bytes = new byte[given.size()];
        for (int i = 0; i < bytes.length; i++) {
            int value = given.get(i);
            if (value < 0 || value > 255) {
                throw refused("input '%s': value %d is %s, expected 0..255"
                        .formatted(PIXELS, i, Integer.toUnsignedString(value)));
            }
            bytes[i] = (byte) value;
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    private static ModelInput prepared(
            InferInputTensor input, ByteString raw, Preprocessing preprocessing, int maxBatch) {
        boolean half = input.getDatatype().equals(HALF);
        if (!half) {
            requireType(input, "FP32");
        } else if (raw == null) {
            throw refused("input '%s': datatype %s requires raw_input_contents, got contents".formatted(TENSOR, HALF));
        }
        List<Long> shape = input.getShapeList();
        int count = shape.isEmpty() ? 0 : count(input, maxBatch);
        List<Long> expected = List.of((long) count, 3L, (long) preprocessing.height(), (long) preprocessing.width());
        if (!shape.equals(expected)) {
            throw refused("input '%s': expected shape [n, 3, %d, %d], got %s"
                    .formatted(TENSOR, preprocessing.height(), preprocessing.width(), shape(input)));
        }
        long size = (long) count * preprocessing.size();
        if (half) {
            requireSize(input, raw, size * Short.BYTES);
            int notFinite = TensorBytes.notFinite(raw);
            if (notFinite >= 0) {
                throw refused("input '%s': value %d is infinite or not a number, expected finite values"
                        .formatted(TENSOR, notFinite));
            }
            return new Halves(raw, count);
        }
        if (raw != null) {
            requireSize(input, raw, size * Float.BYTES);
        }
        return new Prepared(finite(raw == null ? contents(input, size) : TensorBytes.floats(raw)), count);
    }

    private static float[] finite(float[] values) {
        if (isFinite(values)) {
            return values;
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw refused("input '" + TENSOR + "': value " + i + " is " + values[i] + ", expected finite values");
            }
        }
        return values;
    }

    /** Without a branch for each value: a value times 0 is 0, or not a number, as is their sum then. */
    private static boolean isFinite(float[] values) {
        float even = 0;
        float odd = 0;
        for (int i = 0; i + 1 < values.length; i += 2) {
            even += values[i] * 0;
            odd += values[i + 1] * 0;
        }
        float last = values.length == 0 ? 0 : values[values.length - 1] * 0;
        return even + odd + last == 0;
    }

    private static void requireSize(InferInputTensor input, ByteString raw, long bytes) {
        if (raw.size() != bytes) {
            throw refused("input '%s': shape %s requires %d bytes, got %d in raw_input_contents"
                    .formatted(input.getName(), input.getShapeList(), bytes, raw.size()));
        }
    }

    private static float[] contents(InferInputTensor input, long size) {
        requireOnly(input, InferTensorContents.FP32_CONTENTS_FIELD_NUMBER);
        List<Float> given = input.getContents().getFp32ContentsList();
        if (given.size() != size) {
            throw refused("input '%s': shape %s requires %d values, got %d in fp32_contents"
                    .formatted(TENSOR, input.getShapeList(), size, given.size()));
        }
        float[] values = new float[given.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = given.get(i);
        }
        return values;
    }

    private static void requireType(InferInputTensor input, String expected) {
        if (!input.getDatatype().equals(expected)) {
            throw refused("input '%s': expected datatype %s, got %s"
                    .formatted(input.getName(), expected, QuotedInput.of(input.getDatatype())));
        }
    }

    private static int count(InferInputTensor input, int maxBatch) {
        long count = input.getShape(0);
        if (count < 1 || count > maxBatch) {
            throw refused("input '%s': expected 1..%d images, got shape %s"
                    .formatted(input.getName(), maxBatch, shape(input)));
        }
        return (int) count;
    }

    private static String shape(InferInputTensor input) {
        return input.getShapeCount() <= MAX_NAMED
                ? input.getShapeList().toString()
                : "of " + input.getShapeCount() + " dimensions";
    }

    private static void requireOnly(InferInputTensor input, int field) {
        input.getContents().getAllFields().keySet().stream()
                .filter(given -> given.getNumber() != field)
                .findFirst()
                .ifPresent(given -> {
                    throw refused("input '%s': datatype %s does not allow %s"
                            .formatted(input.getName(), input.getDatatype(), given.getName()));
                });
    }
}
