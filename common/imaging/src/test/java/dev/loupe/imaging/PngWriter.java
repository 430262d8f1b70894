package dev.loupe.imaging;

import dev.loupe.imaging.Drawing.Samples;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes PNG files of all kinds (ISO/IEC 15948), for tests. */
final class PngWriter {
    private static final int[][] ADAM_7 = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private final ByteArrayOutputStream file = new ByteArrayOutputStream();

    PngWriter() {
        file.writeBytes(ByteBuffer.allocate(8).putLong(PngImage.SIGNATURE).array());
    }

    PngWriter header(int width, int height, int bits, int colourType, boolean interlaced) {
        return chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) bits)
                        .put((byte) colourType)
                        .putShort((short) 0)
                        .put((byte) (interlaced ? 1 : 0))
                        .array());
    }

    PngWriter chunk(String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        file.writeBytes(ByteBuffer.allocate(8).putInt(data.length).put(name).array());
        file.writeBytes(data);
        file.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        return this;
    }

    /** 16-bit values, as tRNS requires. */
    PngWriter transparent(int... values) {
        ByteBuffer data = ByteBuffer.allocate(2 * values.length);
        for (int value : values) {
            data.putShort((short) value);
        }
        return chunk("tRNS", data.array());
    }

    PngWriter data(int width, int height, int bits, int channels, boolean interlaced, Samples samples) {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        if (interlaced) {
            for (int[] pass : ADAM_7) {
                pass(rows, width, height, bits, channels, pass, samples);
            }
        } else {
            pass(rows, width, height, bits, channels, new int[] {0, 0, 1, 1}, samples);
        }
        return chunk("IDAT", deflated(rows.toByteArray()));
    }

    byte[] end() {
        chunk("IEND", new byte[0]);
        return file.toByteArray();
    }

    private static void pass(
            ByteArrayOutputStream rows, int width, int height, int bits, int channels, int[] pass, Samples samples) {
        if (pass[0] >= width) {
            return;
        }
        for (int y = pass[1]; y < height; y += pass[3]) {
            BitWriter row = new BitWriter();
            for (int x = pass[0]; x < width; x += pass[2]) {
                for (int c = 0; c < channels; c++) {
                    row.write(samples.at(x, y, c), bits);
                }
            }
            rows.write(0);
            rows.writeBytes(row.bytes());
        }
    }

    static byte[] deflated(byte[] bytes) {
        Deflater deflater = new Deflater();
        deflater.setInput(bytes);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }
}
