package dev.loupe.vision.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * What the first bytes of a picture file say, read before anything is allocated for its pixels, and whether the file is
 * whole: decoders paint what is missing grey and say nothing.
 *
 * @param format found by content
 * @param width pixels, before EXIF orientation
 * @param height pixels, before EXIF orientation
 */
record ImageHeader(ImageFormat format, long width, long height) {
    /** Bytes that tell a format. */
    private static final int MAGIC = 12;

    private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int TIFF_WIDTH = 256;
    private static final int TIFF_HEIGHT = 257;
    private static final int TIFF_SHORT = 3;

    /**
     * @throws UnsupportedImageException if the bytes are of no format that is taken
     * @throws DamagedImageException if the file ends early, or contradicts itself
     */
    static ImageHeader read(byte[] encoded) {
        ImageFormat format = format(encoded);
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        try {
            return switch (format) {
                case JPEG -> jpeg(bytes);
                case PNG -> png(bytes);
                case WEBP -> webp(bytes.order(ByteOrder.LITTLE_ENDIAN));
                case BMP -> bmp(bytes.order(ByteOrder.LITTLE_ENDIAN));
                case TIFF -> tiff(bytes);
            };
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            if (e instanceof DamagedImageException damaged) {
                throw damaged;
            }
            throw new DamagedImageException(format + " file of " + encoded.length + " bytes ends early", e);
        }
    }

    private static ImageFormat format(byte[] encoded) {
        if (encoded.length == 0) {
            throw new UnsupportedImageException("no picture: 0 bytes");
        }
        byte[] start = new byte[MAGIC];
        System.arraycopy(encoded, 0, start, 0, Math.min(MAGIC, encoded.length));
        ByteBuffer bytes = ByteBuffer.wrap(start);
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (bytes.getLong(0) == PNG_SIGNATURE) {
            return ImageFormat.PNG;
        } else if (text.startsWith("\u00FF\u00D8\u00FF")) {
            return ImageFormat.JPEG;
        } else if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
            return ImageFormat.WEBP;
        } else if (text.startsWith("II*\0") || text.startsWith("MM\0*")) {
            return ImageFormat.TIFF;
        } else if (text.startsWith("BM")) {
            return ImageFormat.BMP;
        }
        throw new UnsupportedImageException(
                guess(encoded) + " is not taken, expected a picture: JPEG, PNG, WebP, BMP or TIFF");
    }

    private static String guess(byte[] encoded) {
        String text = new String(encoded, 0, Math.min(512, encoded.length), StandardCharsets.ISO_8859_1)
                .toLowerCase(Locale.ROOT);
        if (text.startsWith("gif8")) {
            return "a GIF";
        } else if (text.startsWith("%pdf")) {
            return "a PDF document";
        } else if (text.startsWith("pk\u0003\u0004")) {
            return "a ZIP archive";
        } else if (text.startsWith("ftyp", 4)) {
            return "a HEIC, AVIF or video file";
        } else if (text.contains("<svg")) {
            return "an SVG drawing";
        } else if (text.contains("<html") || text.contains("<!doctype html")) {
            return "an HTML page";
        }
        return "a file of an unknown kind";
    }

    /** ITU-T T.81, annex B: segments up to the end-of-image marker. */
    private static ImageHeader jpeg(ByteBuffer bytes) {
        ImageHeader header = null;
        bytes.position(2);
        while (true) {
            int marker = nextMarker(bytes);
            if (marker == 0xD9) {
                if (header == null) {
                    throw new DamagedImageException("JPEG file without a frame");
                }
                return header;
            }
            int length = Short.toUnsignedInt(bytes.getShort(bytes.position()));
            // C4 (tables), C8 (reserved) and CC (arithmetic coding) share the range of the frame headers.
            if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
                if (header != null) {
                    throw new DamagedImageException("JPEG file with two frames");
                }
                int height = Short.toUnsignedInt(bytes.getShort(bytes.position() + 3));
                int width = Short.toUnsignedInt(bytes.getShort(bytes.position() + 5));
                header = new ImageHeader(ImageFormat.JPEG, width, height);
            }
            bytes.position(bytes.position() + Math.max(2, length));
        }
    }

    /** Skips to the next marker with a segment, or to the end of the image: past coded data, fill bytes and restarts. */
    private static int nextMarker(ByteBuffer bytes) {
        while (true) {
            if (bytes.get() == (byte) 0xFF) {
                int marker = Byte.toUnsignedInt(bytes.get(bytes.position()));
                boolean restart = marker >= 0xD0 && marker <= 0xD7;
                if (marker != 0 && marker != 0xFF && marker != 1 && !restart) {
                    bytes.get();
                    return marker;
                }
            }
        }
    }

    /** ISO/IEC 15948: chunks with their checksums, up to IEND. */
    private static ImageHeader png(ByteBuffer bytes) {
        bytes.position(8);
        ImageHeader header = null;
        while (true) {
            int length = bytes.getInt();
            int type = bytes.getInt(bytes.position());
            CRC32 crc = new CRC32();
            crc.update(bytes.slice(bytes.position(), Math.addExact(length, 4)));
            bytes.position(bytes.position() + 4);
            if (header == null) {
                header = new ImageHeader(
                        ImageFormat.PNG,
                        Integer.toUnsignedLong(bytes.getInt(bytes.position())),
                        Integer.toUnsignedLong(bytes.getInt(bytes.position() + 4)));
            }
            bytes.position(bytes.position() + length);
            if (bytes.getInt() != (int) crc.getValue()) {
                throw new DamagedImageException("PNG file with a wrong checksum at byte " + bytes.position());
            }
            if (type == 0x49454E44) {
                return header;
            }
        }
    }

    /** RFC 9649. */
    private static ImageHeader webp(ByteBuffer bytes) {
        if (Integer.toUnsignedLong(bytes.getInt(4)) + 8 > bytes.limit()) {
            throw new DamagedImageException("WebP file of " + bytes.limit() + " bytes ends early");
        }
        return switch (bytes.getInt(12)) {
            case 0x20385056 ->
                new ImageHeader(ImageFormat.WEBP, bytes.getShort(26) & 0x3FFF, bytes.getShort(28) & 0x3FFF);
            case 0x4C385056 -> {
                int sides = bytes.getInt(21);
                yield new ImageHeader(ImageFormat.WEBP, (sides & 0x3FFF) + 1, (sides >>> 14 & 0x3FFF) + 1);
            }
            case 0x58385056 ->
                new ImageHeader(ImageFormat.WEBP, (bytes.getInt(24) & 0xFFFFFF) + 1, (bytes.getInt(27) & 0xFFFFFF) + 1);
            default -> throw new DamagedImageException("WebP file without a picture");
        };
    }

    /** BITMAPCOREHEADER (12 bytes) or BITMAPINFOHEADER and longer; rows may go from top to bottom (negative height). */
    private static ImageHeader bmp(ByteBuffer bytes) {
        if (bytes.getInt(14) == 12) {
            return new ImageHeader(
                    ImageFormat.BMP,
                    Short.toUnsignedLong(bytes.getShort(18)),
                    Short.toUnsignedLong(bytes.getShort(20)));
        }
        long width = bytes.getInt(18);
        long height = Math.abs((long) bytes.getInt(22));
        boolean plainRows = bytes.getInt(30) == 0;
        long rowBytes = (width * bytes.getShort(28) + 31) / 32 * 4;
        if (plainRows && Integer.toUnsignedLong(bytes.getInt(10)) + rowBytes * height > bytes.limit()) {
            throw new DamagedImageException("BMP file of " + bytes.limit() + " bytes ends early, or claims " + width
                    + " x " + height + " pixels wrongly");
        }
        return new ImageHeader(ImageFormat.BMP, width, height);
    }

    /** TIFF 6.0, section 2: the first directory. */
    private static ImageHeader tiff(ByteBuffer bytes) {
        bytes.order(bytes.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        bytes.position(bytes.getInt(4));
        long width = 0;
        long height = 0;
        for (int entries = Short.toUnsignedInt(bytes.getShort()); entries > 0; entries--) {
            int tag = Short.toUnsignedInt(bytes.getShort());
            int type = bytes.getShort();
            bytes.getInt();
            long value = type == TIFF_SHORT
                    ? Short.toUnsignedLong(bytes.getShort(bytes.position()))
                    : Integer.toUnsignedLong(bytes.getInt(bytes.position()));
            bytes.getInt();
            if (tag == TIFF_WIDTH) {
                width = value;
            } else if (tag == TIFF_HEIGHT) {
                height = value;
            }
        }
        return new ImageHeader(ImageFormat.TIFF, width, height);
    }
}
