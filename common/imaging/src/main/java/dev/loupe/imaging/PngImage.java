package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR_RGB;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_UNCHANGED;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * PNG (ISO/IEC 15948) of all depths and colour types, interlaced or not. Of an animation, the default image is decoded.
 * Only chunks that affect the pixels are passed to the decoder.
 *
 * @param parts parts of the file that are decoded
 * @param depth bits per sample
 * @param colour colour type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA
 * @param transparent whether there is a tRNS chunk
 * @param transparentGrey grey value that is transparent, of {@code depth} bits; -1 if there is none
 */
record PngImage(
        List<ByteBuffer> parts,
        long width,
        long height,
        int depth,
        int colour,
        boolean transparent,
        int transparentGrey,
        int orientation)
        implements EncodedImage {
    static final long SIGNATURE = 0x89504E470D0A1A0AL;

    private static final int GREY = 0;
    private static final int RGB = 2;
    private static final int PALETTE = 3;

    private static final int IHDR = 0x49484452;
    private static final int PLTE = 0x504C5445;
    private static final int TRNS = 0x74524E53;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454E44;
    private static final int EXIF = 0x65584966;
    private static final int CGBI = 0x43674249;

    /** Reads chunks and their checksums, up to IEND. */
    static PngImage read(byte[] encoded) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        List<ByteBuffer> parts = new ArrayList<>();
        parts.add(ByteBuffer.wrap(encoded, 0, 8));
        int previous = 0;
        bytes.position(8);
        ByteBuffer header = null;
        ByteBuffer transparency = null;
        int orientation = ExifOrientation.UPRIGHT;
        while (true) {
            int start = bytes.position();
            int length = bytes.getInt();
            int type = bytes.getInt(start + 4);
            if (length < 0 || length > bytes.remaining() - 8) {
                throw new DamagedImageException("PNG file of " + encoded.length + " bytes is truncated");
            }
            CRC32 crc = new CRC32();
            crc.update(encoded, start + 4, length + 4);
            if (bytes.getInt(start + 8 + length) != (int) crc.getValue()) {
                throw new DamagedImageException("PNG file is damaged: wrong checksum at byte " + (start + 8 + length));
            }
            ByteBuffer data = bytes.slice(start + 8, length);
            if (header == null && type == CGBI) {
                throw new UnsupportedImageException("PNG optimised for iOS is not supported, expected a standard PNG");
            }
            if ((header == null) != (type == IHDR)) {
                throw new DamagedImageException("PNG file is damaged: expected one header, as the first chunk");
            }
            switch (type) {
                case IHDR -> header = data;
                case TRNS -> transparency = data;
                case EXIF -> orientation = ExifOrientation.of(data);
                default -> {}
            }
            boolean greyTransparency = type == TRNS && header.get(9) == GREY;
            if (type == IDAT && previous == IDAT) {
                ByteBuffer imageData = parts.getLast();
                imageData.limit(start + 12 + length);
            } else if (type == IHDR
                    || type == PLTE
                    || type == IDAT
                    || type == IEND
                    || type == TRNS && !greyTransparency) {
                if (type != IEND && seen(parts, type)) {
                    throw new DamagedImageException("PNG file is damaged: its chunks are in the wrong order");
                }
                parts.add(ByteBuffer.wrap(encoded, start, length + 12));
            }
            if (type == IEND) {
                return of(header, transparency, orientation, parts);
            }
            previous = type;
            bytes.position(start + 12 + length);
        }
    }

    private static boolean seen(List<ByteBuffer> parts, int type) {
        return parts.stream().skip(1).anyMatch(part -> part.getInt(part.position() + 4) == type);
    }

    private static PngImage of(ByteBuffer header, ByteBuffer transparency, int orientation, List<ByteBuffer> parts) {
        long width = Integer.toUnsignedLong(header.getInt(0));
        long height = Integer.toUnsignedLong(header.getInt(4));
        int depth = header.get(8);
        int colour = header.get(9);
        boolean valid =
                switch (colour) {
                    case GREY -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
                    case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
                    case RGB, 4, 6 -> depth == 8 || depth == 16;
                    default -> false;
                };
        if (!valid) {
            throw new DamagedImageException(
                    "PNG file is damaged: colour type " + colour + " does not allow " + depth + " bits");
        }
        int grey = transparency != null && colour == GREY
                ? Short.toUnsignedInt(transparency.getShort(0)) & (1 << depth) - 1
                : -1;
        return new PngImage(List.copyOf(parts), width, height, depth, colour, transparency != null, grey, orientation);
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.PNG;
    }

    /** Whether the decoder returns RGB directly: nothing is transparent, and samples have at most 8 bits. */
    private boolean plain() {
        return depth <= 8 && !transparent && (colour == GREY || colour == RGB || colour == PALETTE);
    }

    @Override
    public long memory(int reduction) {
        long rgb = OpenCv.rgbBytes(width, height);
        if (plain()) {
            return OpenCv.length(parts) + rgb;
        }
        long channels = colour == GREY ? 1 : colour == RGB && !transparent ? 3 : 4;
        long mask = transparentGrey >= 0 ? width * height : 0;
        return OpenCv.length(parts) + width * height * channels * (depth == 16 ? 2 : 1) + rgb + mask;
    }

    @Override
    public Mat decode(int reduction) {
        if (plain()) {
            return OpenCv.decode(parts, IMREAD_COLOR_RGB);
        }
        Mat decoded = OpenCv.decode(parts, IMREAD_UNCHANGED);
        Mat rgb = OpenCv.toRgb(decoded);
        if (transparentGrey >= 0) {
            int value = depth < 8 ? transparentGrey * 255 / ((1 << depth) - 1) : transparentGrey;
            OpenCv.whiten(rgb, decoded, value);
        }
        decoded.release();
        return rgb;
    }
}
