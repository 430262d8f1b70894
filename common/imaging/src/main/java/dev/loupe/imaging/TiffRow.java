package dev.loupe.imaging;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;

/** Reads rows of a strip or tile and converts their samples to 8 bits. Not thread-safe. */
final class TiffRow {
    private final TiffLayout layout;
    private final boolean littleEndian;
    private final byte[] row;
    private final int[] values;

    TiffRow(TiffLayout layout, ByteOrder order) {
        this.layout = layout;
        this.littleEndian = order == ByteOrder.LITTLE_ENDIAN;
        this.row = new byte[layout.rowBytes()];
        this.values = new int[layout.segmentWidth() * layout.segmentSamples()];
    }

    /**
     * Reads the next row.
     *
     * @param target samples of consecutive pixels, 0..255; the indices of a palette are not converted
     * @param plane index of the sample to set, if the image is planar
     */
    void read(InputStream segment, byte[] target, int plane) throws IOException {
        if (segment.readNBytes(row, 0, row.length) < row.length) {
            throw new EOFException("data ends before the last row");
        }
        int step = layout.planar() ? layout.samples() : 1;
        if (layout.bits() == 8) {
            readBytes(target, plane, step);
            return;
        }
        unpack();
        if (layout.predictor() == 2) {
            addDifferences();
        }
        int largest = (1 << layout.bits()) - 1;
        boolean index = layout.colour().kind() == TiffColour.Kind.PALETTE;
        for (int i = 0; i < values.length; i++) {
            int value = index ? values[i] : (values[i] * 255 + largest / 2) / largest;
            target[i * step + plane] = (byte) value;
        }
    }

    private void readBytes(byte[] target, int plane, int step) {
        if (layout.predictor() == 2) {
            int samples = layout.segmentSamples();
            for (int i = samples; i < row.length; i++) {
                row[i] = (byte) (row[i] + row[i - samples]);
            }
        }
        if (step == 1) {
            System.arraycopy(row, 0, target, 0, row.length);
            return;
        }
        for (int i = 0; i < row.length; i++) {
            target[i * step + plane] = row[i];
        }
    }

    private void unpack() {
        switch (layout.bits()) {
            case 16 -> {
                int high = littleEndian ? 1 : 0;
                for (int i = 0; i < values.length; i++) {
                    values[i] = (row[2 * i + high] & 0xFF) << 8 | row[2 * i + 1 - high] & 0xFF;
                }
            }
            default -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = bits((long) i * layout.bits());
                }
            }
        }
    }

    /** Reads a sample that starts at any bit, high bits first. */
    private int bits(long from) {
        int value = 0;
        for (long bit = from; bit < from + layout.bits(); bit++) {
            value = value << 1 | row[(int) (bit >> 3)] >> 7 - (int) (bit & 7) & 1;
        }
        return value;
    }

    private void addDifferences() {
        int samples = layout.segmentSamples();
        int mask = (1 << layout.bits()) - 1;
        for (int i = samples; i < values.length; i++) {
            values[i] = values[i] + values[i - samples] & mask;
        }
    }
}
