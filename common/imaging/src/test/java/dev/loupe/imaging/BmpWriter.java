package dev.loupe.imaging;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes BMP files, for tests. */
final class BmpWriter {
    /** A pixel as it is stored. */
    @FunctionalInterface
    interface Values {
        int at(int x, int y);
    }

    private BmpWriter() {}

    static byte[] write(
            Drawing drawing, int bits, int compression, boolean topDown, byte[] palette, int[] masks, Values values) {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        for (int i = 0; i < drawing.height(); i++) {
            int y = topDown ? i : drawing.height() - 1 - i;
            BitWriter row = new BitWriter();
            for (int x = 0; x < drawing.width(); x++) {
                int value = values.at(x, y);
                if (bits < 8) {
                    row.write(value, bits);
                }
                for (int shift = 0; bits >= 8 && shift < bits; shift += 8) {
                    row.write(value >> shift & 0xFF, 8);
                }
            }
            byte[] bytes = row.bytes();
            rows.writeBytes(java.util.Arrays.copyOf(bytes, (bytes.length + 3) / 4 * 4));
        }
        return file(drawing, bits, compression, topDown, palette, masks, rows.toByteArray());
    }

    /** Runs of equal values, with an end of each line and of the file. */
    static byte[] runLengths(Drawing drawing, byte[] palette, Values values) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (int y = drawing.height() - 1; y >= 0; y--) {
            for (int x = 0; x < drawing.width(); ) {
                int run = 1;
                while (x + run < drawing.width() && values.at(x + run, y) == values.at(x, y)) {
                    run++;
                }
                data.write(run);
                data.write(values.at(x, y));
                x += run;
            }
            data.write(0);
            data.write(y == 0 ? 1 : 0);
        }
        return file(drawing, 8, 1, false, palette, new int[0], data.toByteArray());
    }

    private static byte[] file(
            Drawing drawing, int bits, int compression, boolean topDown, byte[] palette, int[] masks, byte[] data) {
        int start = 54 + 4 * masks.length + palette.length / 3 * 4;
        ByteBuffer file = ByteBuffer.allocate(start + data.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {'B', 'M'}).putInt(file.capacity()).putInt(0).putInt(start);
        file.putInt(40).putInt(drawing.width()).putInt(topDown ? -drawing.height() : drawing.height());
        file.putShort((short) 1).putShort((short) bits).putInt(compression).putInt(data.length);
        file.putInt(0).putInt(0).putInt(0).putInt(0);
        for (int mask : masks) {
            file.putInt(mask);
        }
        for (int i = 0; i < palette.length; i += 3) {
            file.put(palette[i + 2]).put(palette[i + 1]).put(palette[i]).put((byte) 0);
        }
        return file.put(data).array();
    }
}
