package dev.loupe.tests.path;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Small files that need much memory or time to process, built byte by byte. */
final class HostileInput {
    private static final int RGB = 2;
    private static final int RGBA = 6;

    private HostileInput() {}

    /** Invalid images by their fault. */
    static Map<String, byte[]> images() throws IOException {
        Map<String, byte[]> images = new LinkedHashMap<>();
        images.put("RGBA of 7000 x 7000", png(7000, 7000, RGBA, new byte[0]));
        images.put("RGB of 8000 x 8000", png(8000, 8000, RGB, new byte[0]));
        images.put("PNG of 60000 x 60000", png(60_000, 60_000, RGB, new byte[0]));
        images.put("PNG with a text that inflates to 600 MB", png(8, 8, RGB, inflatingText(600)));
        images.put("WebP with a chunk of 1 GiB", webp());
        images.put("TIFF with a tile of 16384 x 16384", tiff());
        images.put("JPEG of 98 megapixels with 1500 scans more", scans(1_500));
        byte[] good = DrawnSurface.png(1, DrawnSurface.Kind.SOUND);
        images.put("PNG cut short", Arrays.copyOf(good, good.length / 2));
        images.put("nothing", new byte[0]);
        images.put("text", "no image".getBytes(StandardCharsets.US_ASCII));
        return images;
    }

    private static byte[] png(int width, int height, int colour, byte[] text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(0x89504E470D0A1A0AL);
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put((byte) 8)
                .put((byte) colour)
                .array();
        chunk(out, "IHDR", header);
        if (text.length > 0) {
            chunk(out, "zTXt", text);
        }
        long row = 1L + (long) width * (colour == RGBA ? 4 : 3);
        // Images that must be refused before decoding have no pixel data.
        chunk(out, "IDAT", zeros(height > 10_000 ? 0 : row * height));
        chunk(out, "IEND", new byte[0]);
        return bytes.toByteArray();
    }

    private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(type.getBytes(StandardCharsets.US_ASCII));
        crc.update(data);
        out.writeInt(data.length);
        out.writeBytes(type);
        out.write(data);
        out.writeInt((int) crc.getValue());
    }

    private static byte[] zeros(long length) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(packed, new Deflater(Deflater.BEST_SPEED))) {
            byte[] block = new byte[1 << 16];
            for (long left = length; left > 0; left -= block.length) {
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        }
        return packed.toByteArray();
    }

    private static byte[] inflatingText(int megabytes) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.write("Comment\0\0".getBytes(StandardCharsets.US_ASCII));
        text.write(zeros(megabytes * 1_000_000L));
        return text.toByteArray();
    }

    /** 8 x 8, extended, with an EXIF chunk whose length is wrong. */
    private static byte[] webp() {
        ByteBuffer out = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        out.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(192);
        out.put("WEBPVP8X".getBytes(StandardCharsets.US_ASCII)).putInt(10);
        out.put(new byte[] {8, 0, 0, 0, 7, 0, 0, 7, 0, 0});
        out.put("EXIF".getBytes(StandardCharsets.US_ASCII)).putInt(0x40000000);
        return out.array();
    }

    private static byte[] tiff() {
        ByteBuffer out = ByteBuffer.allocate(400).order(ByteOrder.LITTLE_ENDIAN);
        out.put("II*\0".getBytes(StandardCharsets.US_ASCII)).putInt(8);
        int[][] entries = {
            {256, 100},
            {257, 100},
            {258, 8},
            {259, 1},
            {262, 1},
            {277, 1},
            {322, 16384},
            {323, 16384},
            {324, 300},
            {325, 64}
        };
        out.putShort((short) entries.length);
        for (int[] entry : entries) {
            out.putShort((short) entry[0]).putShort((short) 4).putInt(1).putInt(entry[1]);
        }
        return out.array();
    }

    /** A small progressive JPEG whose header claims 9900 x 9900 pixels and whose last scan is repeated. */
    private static byte[] scans(int more) throws IOException {
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(jpeg)) {
            ImageWriteParam progressive = writer.getDefaultWriteParam();
            progressive.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            writer.setOutput(out);
            BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
            writer.write(null, new IIOImage(image, null, null), progressive);
        } finally {
            writer.dispose();
        }
        byte[] bytes = jpeg.toByteArray();
        int frame = indexOf(bytes, 0xC2, 0);
        ByteBuffer.wrap(bytes).putShort(frame + 5, (short) 9900).putShort(frame + 7, (short) 9900);
        int scan = indexOf(bytes, 0xDA, 0);
        for (int next = scan; next >= 0; next = indexOf(bytes, 0xDA, next + 2)) {
            scan = next;
        }
        int end = bytes.length - 2; // before the marker of the end
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(bytes, 0, end);
        for (int i = 0; i < more; i++) {
            all.write(bytes, scan, end - scan);
        }
        all.write(bytes, end, 2);
        return all.toByteArray();
    }

    /** Where a marker of a JPEG begins; -1 if there is none. */
    private static int indexOf(byte[] jpeg, int marker, int from) {
        for (int i = from; i < jpeg.length - 1; i++) {
            if (jpeg[i] == (byte) 0xFF && jpeg[i + 1] == (byte) marker) {
                return i;
            }
        }
        return -1;
    }

    /** Invalid networks by their fault: ONNX files (onnx.proto3) with the messages written by hand. */
    static Map<String, byte[]> networks() {
        Map<String, byte[]> networks = new LinkedHashMap<>();
        networks.put(
                "network with a loop", network(join(text(1, "image"), text(2, "out"), text(4, "Loop")), new byte[0]));
        byte[] shape = ByteBuffer.allocate(32)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(4096)
                .putLong(3)
                .putLong(4096)
                .putLong(4096)
                .array();
        byte[] weights = join(number(1, 4), number(2, 7), text(8, "shape"), bytes(9, shape));
        networks.put(
                "network with an intermediate of 800 GB",
                network(
                        join(text(1, "image"), text(1, "shape"), text(2, "out"), text(4, "Expand")),
                        bytes(5, weights)));
        networks.put("no network", "no network".getBytes(StandardCharsets.US_ASCII));
        return networks;
    }

    private static byte[] network(byte[] node, byte[] weights) {
        byte[] graph =
                join(bytes(1, node), text(2, "graph"), weights, bytes(11, tensor("image")), bytes(12, tensor("out")));
        return join(number(1, 8), bytes(7, graph), bytes(8, number(2, 17)));
    }

    /** {@code float[n, 3, h, w]}. */
    private static byte[] tensor(String name) {
        byte[] shape =
                join(bytes(1, text(2, "n")), bytes(1, number(1, 3)), bytes(1, text(2, "h")), bytes(1, text(2, "w")));
        return join(text(1, name), bytes(2, bytes(1, join(number(1, 1), bytes(2, shape)))));
    }

    private static byte[] number(int field, int value) {
        return new byte[] {(byte) (field << 3), (byte) value};
    }

    private static byte[] text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] bytes(int field, byte[] value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(field << 3 | 2);
        int length = value.length;
        for (; length > 0x7F; length >>>= 7) {
            out.write(length & 0x7F | 0x80);
        }
        out.write(length);
        out.writeBytes(value);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** One image in each of many classes with names of the maximum length. */
    static byte[] longNames(int classes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (int i = 0; i < classes; i++) {
                out.putNextEntry(new ZipEntry("train/" + "x".repeat(95) + i + "/1.png"));
                out.write(png(8 + i % 30, 8 + i / 30, RGB, new byte[0]));
            }
        }
        return bytes.toByteArray();
    }

    /** Invalid archives by their fault. */
    static Map<String, byte[]> archives() throws IOException {
        Map<String, byte[]> archives = new LinkedHashMap<>();
        archives.put("entry that inflates to 500 MB", zip(1, 500));
        archives.put("5000 refused names", names(5_000, 2_000));
        archives.put("42 MB of names", names(700, 60_000));
        archives.put("3000 copies of one image", zip(3_000, 0));
        archives.put("no archive", "no archive".getBytes(StandardCharsets.US_ASCII));
        return archives;
    }

    private static byte[] zip(int entries, int megabytes) throws IOException {
        byte[] image = DrawnSurface.png(1, DrawnSurface.Kind.SOUND);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            out.setLevel(Deflater.BEST_SPEED);
            for (int i = 0; i < entries; i++) {
                out.putNextEntry(new ZipEntry("train/good/" + i + ".png"));
                out.write(image);
                byte[] block = new byte[1_000_000];
                for (int megabyte = 0; megabyte < megabytes; megabyte++) {
                    out.write(block);
                }
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] names(int entries, int length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (int i = 0; i < entries; i++) {
                out.putNextEntry(new ZipEntry("../" + "x".repeat(length) + i + ".png"));
                out.write(i);
            }
        }
        return bytes.toByteArray();
    }
}
