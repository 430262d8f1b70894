package dev.loupe.imaging;

import java.io.ByteArrayOutputStream;

/** Writes values of any number of bits, high bits first; the last byte is filled with zeros. */
final class BitWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long buffer;
    private int buffered;

    void write(int value, int bits) {
        buffer = buffer << bits | value;
        buffered += bits;
        while (buffered >= 8) {
            buffered -= 8;
            out.write((int) (buffer >> buffered));
        }
    }

    byte[] bytes() {
        if (buffered > 0) {
            write(0, 8 - buffered);
        }
        return out.toByteArray();
    }
}
