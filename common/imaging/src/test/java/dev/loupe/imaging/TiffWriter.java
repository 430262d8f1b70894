package dev.loupe.imaging;

import dev.loupe.imaging.Drawing.Samples;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes TIFF files of all kinds (TIFF 6.0), for tests. */
final class TiffWriter {
    static final int NONE = 1;
    static final int LZW = 5;
    static final int DEFLATE = 8;
    static final int PACK_BITS = 32773;

    private static final int STRIP_ROWS = 5;
    private static final int TILE = 16;

    private final int width;
    private final int height;
    private final int bits;
    private final int channels;
    private final Map<Integer, long[]> tags = new TreeMap<>();
    private int compression = NONE;
    private boolean tiled;
    private boolean planar;
    private boolean predicted;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

    TiffWriter(Drawing drawing, int bits, int channels, int photometric) {
        this.width = drawing.width();
        this.height = drawing.height();
        this.bits = bits;
        this.channels = channels;
        tag(262, photometric);
    }

    TiffWriter tag(int tag, long... values) {
        tags.put(tag, values);
        return this;
    }

    TiffWriter compression(int tag) {
        compression = tag;
        return this;
    }

    TiffWriter tiled(boolean value) {
        tiled = value;
        return this;
    }

    TiffWriter planar(boolean value) {
        planar = value;
        return this;
    }

    TiffWriter predicted(boolean value) {
        predicted = value;
        return this;
    }

    TiffWriter order(ByteOrder value) {
        order = value;
        return this;
    }

    byte[] write(Samples samples) {
        List<byte[]> segments = new ArrayList<>();
        int segmentWidth = tiled ? TILE : width;
        int segmentHeight = tiled ? TILE : STRIP_ROWS;
        for (int plane = 0; plane < (planar ? channels : 1); plane++) {
            for (int top = 0; top < height; top += segmentHeight) {
                for (int left = 0; left < width; left += segmentWidth) {
                    int rows = tiled ? TILE : Math.min(segmentHeight, height - top);
                    segments.add(compressed(segment(samples, plane, left, top, segmentWidth, rows)));
                }
            }
        }
        return file(segments);
    }

    /** Writes a file with encoded segments. */
    byte[] file(List<byte[]> segments) {
        tag(256, width).tag(257, height).tag(259, compression);
        tags.putIfAbsent(258, repeated(bits, channels));
        tags.putIfAbsent(277, new long[] {channels});
        tag(284, planar ? 2 : 1);
        if (predicted) {
            tag(317, 2);
        }
        if (tiled) {
            tag(322, TILE).tag(323, TILE);
        } else {
            tag(278, STRIP_ROWS);
        }
        long[] offsets = new long[segments.size()];
        long[] lengths = new long[segments.size()];
        tag(tiled ? 324 : 273, offsets).tag(tiled ? 325 : 279, lengths);
        int at = 8 + 2 + 12 * tags.size() + 4;
        for (long[] values : tags.values()) {
            at += values.length > 1 ? 4 * values.length : 0;
        }
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = at;
            lengths[i] = segments.get(i).length;
            at += segments.get(i).length;
        }
        ByteBuffer file = ByteBuffer.allocate(at).order(order);
        file.put(order == ByteOrder.LITTLE_ENDIAN ? new byte[] {'I', 'I'} : new byte[] {'M', 'M'});
        file.putShort((short) 42).putInt(8).putShort((short) tags.size());
        int values = 8 + 2 + 12 * tags.size() + 4;
        for (Map.Entry<Integer, long[]> tag : tags.entrySet()) {
            int count = tag.getValue().length;
            file.putShort(tag.getKey().shortValue()).putShort((short) 4).putInt(count);
            file.putInt(count > 1 ? values : (int) tag.getValue()[0]);
            for (int i = 0; count > 1 && i < count; i++, values += 4) {
                file.putInt(values, (int) tag.getValue()[i]);
            }
        }
        file.position(values);
        segments.forEach(file::put);
        return file.array();
    }

    private static long[] repeated(int value, int times) {
        long[] values = new long[times];
        java.util.Arrays.fill(values, value);
        return values;
    }

    private byte[] segment(Samples samples, int plane, int left, int top, int segmentWidth, int rows) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int perPixel = planar ? 1 : channels;
        for (int y = top; y < top + rows; y++) {
            BitWriter row = new BitWriter();
            int[] before = new int[perPixel];
            for (int x = left; x < left + segmentWidth; x++) {
                for (int c = 0; c < perPixel; c++) {
                    boolean outside = x >= width || y >= height;
                    int value = outside ? 0 : samples.at(x, y, planar ? plane : c);
                    int stored = predicted ? value - before[c] & (1 << bits) - 1 : value;
                    before[c] = value;
                    if (bits == 16 && order == ByteOrder.LITTLE_ENDIAN) {
                        stored = (stored & 0xFF) << 8 | stored >> 8;
                    }
                    row.write(stored, bits);
                }
            }
            out.writeBytes(row.bytes());
        }
        return out.toByteArray();
    }

    private byte[] compressed(byte[] bytes) {
        return switch (compression) {
            case LZW -> lzw(bytes);
            case DEFLATE, 32946 -> PngWriter.deflated(bytes);
            case PACK_BITS -> packBits(bytes);
            default -> bytes;
        };
    }

    /** Encodes runs of two and more as runs, and other bytes literally. The first byte is a no-op that readers skip. */
    private static byte[] packBits(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(128);
        int at = 0;
        while (at < bytes.length) {
            int run = 1;
            while (run < 128 && at + run < bytes.length && bytes[at + run] == bytes[at]) {
                run++;
            }
            out.write(run == 1 ? 0 : 257 - run);
            out.write(bytes[at]);
            at += run;
        }
        return out.toByteArray();
    }

    private static byte[] lzw(byte[] bytes) {
        BitWriter out = new BitWriter();
        Map<String, Integer> codes = new HashMap<>();
        out.write(256, 9);
        String known = "";
        int next = reset(codes);
        for (byte one : bytes) {
            String longer = known + (char) (one & 0xFF);
            if (codes.containsKey(longer)) {
                known = longer;
                continue;
            }
            out.write(codes.get(known), width(next));
            codes.put(longer, next++);
            if (next == 4095) {
                out.write(256, 12);
                next = reset(codes);
            }
            known = longer.substring(known.length());
        }
        out.write(codes.get(known), width(next));
        out.write(257, width(next + 1));
        return out.bytes();
    }

    private static int reset(Map<String, Integer> codes) {
        codes.clear();
        for (int i = 0; i < 256; i++) {
            codes.put("" + (char) i, i);
        }
        return 258;
    }

    /** Bits of a code when the next table entry is {@code next}; the decoder is one entry behind. */
    private static int width(int next) {
        return next < 512 ? 9 : next < 1024 ? 10 : next < 2048 ? 11 : 12;
    }
}
