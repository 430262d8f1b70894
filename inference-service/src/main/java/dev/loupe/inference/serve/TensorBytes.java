package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes tensors as raw bytes in the form of the Open Inference Protocol: row-major, little-endian. */
final class TensorBytes {
    /** The exponent of an FP16 value; all of its bits are set in infinity and NaN. */
    private static final int HALF_EXPONENT = 0x7C00;

    private TensorBytes() {}

    /** Reads FP32 values. The caller has checked the size. */
    static float[] floats(ByteString raw) {
        float[] values = new float[raw.size() / Float.BYTES];
        raw.asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /** Reads FP16 values. The caller has checked the size. */
    static float[] halves(ByteString raw) {
        ShortBuffer halves =
                raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
        float[] values = new float[halves.remaining()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.float16ToFloat(halves.get(i));
        }
        return values;
    }

    /** The index of the first FP16 value that is not finite, -1 if all are. */
    static int notFinite(ByteString raw) {
        ShortBuffer halves =
                raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
        for (int i = 0; i < halves.limit(); i++) {
            if ((halves.get(i) & HALF_EXPONENT) == HALF_EXPONENT) {
                return i;
            }
        }
        return -1;
    }

    /** Returns {@code [3, pixels]} as {@code [pixels, 3]}. */
    static byte[] interleaved(ByteString planes) {
        ByteBuffer from = planes.asReadOnlyByteBuffer();
        byte[] to = new byte[planes.size()];
        int pixels = to.length / 3;
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < pixels; i++) {
                to[3 * i + c] = from.get(); // plane by plane
            }
        }
        return to;
    }

    static ByteString of(float[] values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return ByteString.copyFrom(raw);
    }

    /**
     * Reads BYTES elements, each preceded by its length in four bytes.
     *
     * @param input name of the input, for messages
     * @param count expected number of elements
     */
    static List<ByteString> elements(String input, ByteString raw, int count) {
        List<ByteString> elements = new ArrayList<>(count);
        // Sliced: the contents of a parsed message may start anywhere within the message's own bytes.
        ByteBuffer buffer = raw.asReadOnlyByteBuffer().slice().order(ByteOrder.LITTLE_ENDIAN);
        while (elements.size() < count) {
            if (buffer.remaining() < Integer.BYTES) {
                throw refused("input '%s': expected %d elements, the raw contents end after %d"
                        .formatted(input, count, elements.size()));
            }
            int length = buffer.getInt();
            if (length < 0 || length > buffer.remaining()) {
                throw refused("input '%s': element %d says that it has %d bytes, but %d follow"
                        .formatted(input, elements.size(), Integer.toUnsignedLong(length), buffer.remaining()));
            }
            int begin = buffer.position();
            elements.add(raw.substring(begin, begin + length));
            buffer.position(begin + length);
        }
        if (buffer.hasRemaining()) {
            throw refused("input '%s': expected %d elements, but %d bytes follow the last one"
                    .formatted(input, count, buffer.remaining()));
        }
        return elements;
    }

    static ByteString of(List<ByteString> elements) {
        int size = elements.stream()
                .mapToInt(element -> Integer.BYTES + element.size())
                .sum();
        ByteBuffer raw = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        for (ByteString element : elements) {
            raw.putInt(element.size());
            element.copyTo(raw);
        }
        return ByteString.copyFrom(raw.flip());
    }

    static ServiceException refused(String message) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, message);
    }
}
