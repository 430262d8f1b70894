package dev.loupe.inference.serve;

import static dev.loupe.inference.serve.TensorBytes.refused;

import com.google.protobuf.ByteString;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.inference.serve.ModelInput.Images;
import dev.loupe.inference.serve.ModelInput.Prepared;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.service.error.QuotedInput;
import java.util.List;

/**
 * Reads the input of a {@code ModelInfer} request: exactly one of {@code image} and {@code tensor}, in {@code contents}
 * or in {@code raw_input_contents}. Errors name the expected and the actual value.
 */
final class InferInputs {
    /** Encoded images, BYTES {@code [n]}. */
    static final String IMAGE = "image";
    /** Prepared images, FP32 {@code [n, 3, height, width]}. */
    static final String TENSOR = "tensor";

    /** Most inputs and dimensions that an error message lists. */
    private static final int MAX_NAMED = 8;

    private InferInputs() {}

    /**
     * @param preprocessing preprocessing of the model, which determines the size of a tensor
     * @param maxBatch most images
     */
    static ModelInput parse(ModelInferRequest request, Preprocessing preprocessing, int maxBatch) {
        if (request.getInputsCount() != 1) {
            throw refused("inputs: expected exactly one, '%s' or '%s', got %d: %s"
                    .formatted(
                            IMAGE,
                            TENSOR,
                            request.getInputsCount(),
                            request.getInputsList().stream()
                                    .limit(MAX_NAMED)
                                    .map(input -> QuotedInput.of(input.getName()))
                                    .toList()));
        }
        InferInputTensor input = request.getInputs(0);
        ByteString raw = raw(request, input);
        return switch (input.getName()) {
            case IMAGE -> images(input, raw, maxBatch);
            case TENSOR -> prepared(input, raw, preprocessing, maxBatch);
            default ->
                throw refused("inputs: expected '%s' or '%s', got %s"
                        .formatted(IMAGE, TENSOR, QuotedInput.of(input.getName())));
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

    private static Prepared prepared(
            InferInputTensor input, ByteString raw, Preprocessing preprocessing, int maxBatch) {
        requireType(input, "FP32");
        List<Long> shape = input.getShapeList();
        int count = shape.isEmpty() ? 0 : count(input, maxBatch);
        List<Long> expected = List.of((long) count, 3L, (long) preprocessing.height(), (long) preprocessing.width());
        if (!shape.equals(expected)) {
            throw refused("input '%s': expected shape [n, 3, %d, %d], got %s"
                    .formatted(TENSOR, preprocessing.height(), preprocessing.width(), shape(input)));
        }
        long size = (long) count * preprocessing.size();
        float[] values = raw == null ? contents(input, size) : raw(raw, size, shape);
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw refused("input '" + TENSOR + "': value " + i + " is " + values[i] + ", expected finite values");
            }
        }
        return new Prepared(values, count);
    }

    private static float[] raw(ByteString raw, long size, List<Long> shape) {
        if (raw.size() != size * Float.BYTES) {
            throw refused("input '%s': shape %s requires %d bytes, got %d in raw_input_contents"
                    .formatted(TENSOR, shape, size * Float.BYTES, raw.size()));
        }
        return TensorBytes.floats(raw);
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
