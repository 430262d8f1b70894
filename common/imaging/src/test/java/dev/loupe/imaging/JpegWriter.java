package dev.loupe.imaging;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Writes grey JPEG files of any size and any number of scans in few bytes (ITU-T T.81), for tests. */
final class JpegWriter {
    private JpegWriter() {}

    /**
     * A flat grey image.
     *
     * @param light 1 if the first block differs from middle grey by 8 levels, else 0; the other blocks are middle grey
     * @param lines number of 8-pixel lines that have data; fewer than the header declares make a truncated file
     */
    static byte[] flat(int width, int height, int light, int lines) {
        ByteArrayOutputStream file = head(0xC0, width, height);
        file.writeBytes(bytes(0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0));
        int blocks = Math.ceilDiv(width, 8) * lines;
        BitWriter bits = new BitWriter();
        // DC category 0 is "0", category 3 is "10" and three bits; the end of a block is "0".
        if (light != 0) {
            bits.write(0b10_100, 5);
        } else {
            bits.write(0, 1);
        }
        bits.write(0, 1);
        for (int i = 1; i < blocks; i++) {
            bits.write(0, 2);
        }
        file.writeBytes(bits.bytes());
        file.writeBytes(bytes(0xFF, 0xD9));
        return file.toByteArray();
    }

    /** A progressive file with one scan of the lowest frequency and many empty scans of the next. */
    static byte[] scans(int width, int height, int scans) {
        ByteArrayOutputStream file = head(0xC2, width, height);
        for (int i = 0; i < scans; i++) {
            file.writeBytes(bytes(0xFF, 0xDA, 0, 8, 1, 1, 0, i == 0 ? 0 : 1, i == 0 ? 0 : 63, 0));
            file.writeBytes(new byte[i == 0 ? Math.ceilDiv(Math.ceilDiv(width, 8) * Math.ceilDiv(height, 8), 8) : 120]);
        }
        file.writeBytes(bytes(0xFF, 0xD9));
        return file.toByteArray();
    }

    private static ByteArrayOutputStream head(int frame, int width, int height) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(bytes(0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0));
        byte[] steps = new byte[64];
        java.util.Arrays.fill(steps, (byte) 8);
        file.writeBytes(steps);
        file.writeBytes(bytes(0xFF, frame, 0, 11, 8));
        file.writeBytes(ByteBuffer.allocate(4)
                .putShort((short) height)
                .putShort((short) width)
                .array());
        file.writeBytes(bytes(1, 1, 0x11, 0));
        // Codes of one and two bits for the categories 0 and 3; one of one bit for the end of a block.
        file.writeBytes(bytes(0xFF, 0xC4, 0, 21, 0x00, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3));
        file.writeBytes(bytes(0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        return file;
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
