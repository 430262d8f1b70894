package dev.loupe.imaging;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Encoded images. Pillow 13.0.0 wrote those that the JDK cannot write. */
final class Encoded {
    /** Flat CMYK (200, 30, 60, 40) of 8 x 8 pixels; Pillow reads it as RGB (46, 190, 164). */
    static final byte[] CMYK_JPEG =
            bytes("/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcG"
                    + "BggLCAkKCgoKCgYICwwLCgwJCgoK/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//E"
                    + "ALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNE"
                    + "RUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV"
                    + "1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD826/YSv0Mr9XK/9k=");
    /** {@link #gradient()}, lossless. */
    static final byte[] WEBP =
            bytes("UklGRjYAAABXRUJQVlA4TCkAAAAvBcAAALmM6H/sIgre/4CaAEiY/r3IxAtuI8y/QCBJZn+jWWICFFXhBwA=");
    /** Flat RGBA (200, 100, 0, 128) of 4 x 2 pixels, lossless. */
    static final byte[] WEBP_ALPHA = bytes("UklGRhwAAABXRUJQVlA4TBAAAAAvA0AAEAdQsiJHAQMR0f8A");
    /** A red image, then a blue one, of 4 x 4 pixels. */
    static final byte[] WEBP_ANIMATION =
            bytes("UklGRoQAAABXRUJQVlA4WAoAAAACAAAAAwAAAwAAQU5JTQYAAAAAAAAAAABBTk1GKAAAAAAA"
                    + "AAAAAAMAAAMAAGQAAAJWUDhMDwAAAC8DwAAABxD9j/4HIqL/AQBBTk1GKAAAAAAAAAAAAAMAAAMAAGQAAABWUDhMDwAAAC8DwAAABxDR"
                    + "//4HIqL/AQA=");
    /** {@link #gradient()}, LZW. */
    static final byte[] TIFF =
            bytes("SUkqAFwAAACAAB/gAFPUShR1koPOE3ihrpQZM1cjxht4jLkBlBXigtKUmmRNnI3JFLnhDrxBH1wow5gZLGkVqAvl"
                    + "BVFU6rQlppfEFfsgbuRpC0EtwRi5zBkpwEAKAAABAwABAAAABgAAAAEBAwABAAAABAAAAAIBAwADAAAA2gAAAAMBAwABAAAABQAAAAYB"
                    + "AwABAAAAAgAAABEBBAABAAAACAAAABUBAwABAAAAAwAAABYBAwABAAAABAAAABcBBAABAAAAVAAAABwBAwABAAAAAQAAAAAAAAAIAAgA"
                    + "CAA=");
    /** 9 x 3 pixels of 1 bit, fax group 4: black, but the first and the last are white. */
    static final byte[] TIFF_FAX =
            bytes("SUkqAA4AAAAmqjUAEAEJAAABAwABAAAACQAAAAEBAwABAAAAAwAAAAIBAwABAAAAAQAAAAMBAwABAAAABAAA"
                    + "AAYBAwABAAAAAQAAABEBBAABAAAACAAAABYBAwABAAAAAwAAABcBBAABAAAABgAAABwBAwABAAAAAQAAAAAAAAA=");
    /** 3 x 3 pixels of 32-bit floats. */
    static final byte[] TIFF_FLOAT =
            bytes("SUkqAAgAAAAKAAABBAABAAAAAwAAAAEBBAABAAAAAwAAAAIBAwABAAAAIAAAAAMBAwABAAAAAQAAAAYBAwAB"
                    + "AAAAAQAAABEBBAABAAAAhgAAABYBBAABAAAAAwAAABcBBAABAAAAJAAAABwBAwABAAAAAQAAAFMBAwABAAAAAwAAAAAAAAAAAAA/AAAA"
                    + "PwAAAD8AAAA/AAAAPwAAAD8AAAA/AAAAPwAAAD8=");
    /** Grey 100 under alpha 51, 3 x 2 pixels. */
    static final byte[] PNG_GREY_ALPHA =
            bytes("iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAQAAAA3fa6RAAAAFklEQVR4nGNMMWZgYGBgYmBgYGBgAAAHogCb"
                    + "2H/lmAAAAABJRU5ErkJggg==");

    static final byte[] GIF = bytes("R0lGODdhBAACAIEAAAD/AAAAAAAAAAAAACwAAAAABAACAAAIBwABCBwoMCAAOw==");

    private Encoded() {}

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    /** 6 x 4 pixels of different colours. */
    static BufferedImage gradient() {
        BufferedImage image = new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 24; i++) {
            image.setRGB(i % 6, i / 6, i * 10 << 16 | 255 - i * 10 << 8 | i * 37 % 256);
        }
        return image;
    }

    static byte[] write(BufferedImage image, String format) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            if (!ImageIO.write(image, format, out)) {
                throw new IllegalArgumentException("the platform does not write " + format + " of this kind");
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds an EXIF segment with an orientation to a JPEG. */
    static byte[] withOrientation(byte[] jpeg, int orientation) {
        ByteBuffer exif = ByteBuffer.allocate(36);
        exif.putShort((short) 0xFFE1)
                .putShort((short) 34)
                .put("Exif\0\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        exif.put((byte) 'M').put((byte) 'M').putShort((short) 42).putInt(8);
        exif.putShort((short) 1).putShort((short) 274).putShort((short) 3).putInt(1);
        exif.putShort((short) orientation).putShort((short) 0).putInt(0);
        return ByteBuffer.allocate(jpeg.length + exif.capacity())
                .put(jpeg, 0, 2)
                .put(exif.array())
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    /** A PNG without pixel data whose header declares a size; its checksums are correct. */
    static byte[] pngWithHeader(int width, int height) {
        ByteBuffer png = ByteBuffer.allocate(8 + 25 + 12).order(ByteOrder.BIG_ENDIAN);
        png.putLong(0x89504E470D0A1A0AL);
        chunk(
                png,
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put(new byte[] {8, 2, 0, 0, 0})
                        .array());
        chunk(png, "IEND", new byte[0]);
        return png.array();
    }

    private static void chunk(ByteBuffer png, String type, byte[] data) {
        byte[] name = type.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(name);
        crc.update(data);
        png.putInt(data.length).put(name).put(data).putInt((int) crc.getValue());
    }
}
