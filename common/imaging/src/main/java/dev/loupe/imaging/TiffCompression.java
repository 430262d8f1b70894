package dev.loupe.imaging;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.InflaterInputStream;

/** Decompresses the data of a strip or tile while they are read. */
final class TiffCompression {
    private TiffCompression() {}

    static InputStream open(int compression, byte[] encoded, int offset, int length) {
        InputStream data = new ByteArrayInputStream(encoded, offset, length);
        return switch (compression) {
            case TiffLayout.UNCOMPRESSED -> data;
            case TiffLayout.PACK_BITS -> new PackBits(data);
            case TiffLayout.LZW -> new Lzw(encoded, offset, length);
            case TiffLayout.DEFLATE, TiffLayout.ADOBE_DEFLATE -> new InflaterInputStream(data);
            default -> throw new IllegalArgumentException("compression " + compression);
        };
    }

    /** A stream that produces bytes in runs. */
    private abstract static class Runs extends InputStream {
        private byte[] run = new byte[0];
        private int position;
        private int end;

        /** Passes the next run to {@link #emit}; returns false at the end of the data. */
        abstract boolean next() throws IOException;

        final void emit(byte[] bytes, int length) {
            run = bytes;
            position = 0;
            end = length;
        }

        @Override
        public final int read(byte[] target, int offset, int length) throws IOException {
            int done = 0;
            while (done < length && (position < end || next())) {
                int count = Math.min(length - done, end - position);
                System.arraycopy(run, position, target, offset + done, count);
                position += count;
                done += count;
            }
            return done == 0 && length > 0 ? -1 : done;
        }

        @Override
        public final int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) == 1 ? one[0] & 0xFF : -1;
        }
    }

    /** TIFF 6.0, section 9. */
    private static final class PackBits extends Runs {
        private final InputStream data;
        private final byte[] bytes = new byte[128];

        PackBits(InputStream data) {
            this.data = data;
        }

        @Override
        boolean next() throws IOException {
            int header = data.read();
            while (header == 128) {
                header = data.read();
            }
            if (header < 0) {
                return false;
            }
            if (header < 128) {
                emit(bytes, data.readNBytes(bytes, 0, header + 1));
                return true;
            }
            Arrays.fill(bytes, (byte) data.read());
            emit(bytes, 257 - header);
            return true;
        }
    }

    /** TIFF 6.0, section 13: codes of 9 to 12 bits, high bits first, each width one code early. */
    private static final class Lzw extends Runs {
        private static final int CLEAR = 256;
        private static final int END = 257;
        private static final int MAX_CODES = 4096;

        private final byte[] data;
        private final int end;
        private final int[] prefix = new int[MAX_CODES];
        private final byte[] last = new byte[MAX_CODES];
        private final byte[] first = new byte[MAX_CODES];
        private final int[] lengths = new int[MAX_CODES];
        private final byte[] bytes = new byte[MAX_CODES];
        private int codes = END + 1;
        private int width = 9;
        private int previous = -1;
        private int position;
        private int buffer;
        private int buffered;

        Lzw(byte[] encoded, int offset, int length) {
            data = encoded;
            position = offset;
            end = offset + length;
            for (int i = 0; i < CLEAR; i++) {
                last[i] = (byte) i;
                first[i] = (byte) i;
                lengths[i] = 1;
            }
        }

        @Override
        boolean next() throws IOException {
            int code = code();
            while (code == CLEAR) {
                codes = END + 1;
                width = 9;
                previous = -1;
                code = code();
            }
            if (code < 0 || code == END) {
                return false;
            }
            if (previous < 0 ? code >= CLEAR : code > codes || code == codes && codes == MAX_CODES) {
                throw new IOException("invalid LZW code " + code + ", expected less than " + codes);
            }
            if (previous >= 0 && codes < MAX_CODES) {
                prefix[codes] = previous;
                first[codes] = first[previous];
                last[codes] = code == codes ? first[previous] : first[code];
                lengths[codes] = lengths[previous] + 1;
                codes++;
                if (codes >= (1 << width) - 1 && width < 12) {
                    width++;
                }
            }
            previous = code;
            int at = code;
            for (int i = lengths[code] - 1; i >= 0; i--) {
                bytes[i] = last[at];
                at = prefix[at];
            }
            emit(bytes, lengths[code]);
            return true;
        }

        private int code() {
            while (buffered < width) {
                if (position == end) {
                    return -1;
                }
                buffer = buffer << 8 | data[position++] & 0xFF;
                buffered += 8;
            }
            buffered -= width;
            int code = buffer >> buffered & (1 << width) - 1;
            buffer &= (1 << buffered) - 1;
            return code;
        }
    }
}
