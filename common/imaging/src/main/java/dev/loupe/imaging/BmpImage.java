package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR_RGB;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * BMP of 1 to 32 bits, with or without run-length encoding. A fourth byte of a pixel is ignored.
 *
 * @param greenBits bits of green, 5 or 6, if the other colours have 5 bits, else 8
 */
record BmpImage(byte[] encoded, long width, long height, int greenBits) implements EncodedImage {
    private static final int CORE_HEADER = 12;
    private static final int UNCOMPRESSED = 0;
    private static final int RUN_LENGTHS_8 = 1;
    private static final int RUN_LENGTHS_4 = 2;
    private static final int MASKS = 3;

    /**
     * Reads BITMAPCOREHEADER (12 bytes) or BITMAPINFOHEADER and longer; a negative height means rows from top to
     * bottom.
     */
    static BmpImage read(byte[] encoded) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        int headerSize = bytes.getInt(14);
        boolean core = headerSize == CORE_HEADER;
        if (!core && headerSize < 36) {
            throw new UnsupportedImageException("BMP with a header of " + headerSize + " bytes is not supported");
        }
        long width = core ? Short.toUnsignedLong(bytes.getShort(18)) : bytes.getInt(18);
        long height = core ? Short.toUnsignedLong(bytes.getShort(20)) : Math.abs((long) bytes.getInt(22));
        int bits = bytes.getShort(core ? 24 : 28);
        int compression = core ? UNCOMPRESSED : bytes.getInt(30);
        requireSupported(bits, compression, bytes);
        long row = Math.max(0, (width * bits + 31) / 32 * 4);
        boolean runs = compression == RUN_LENGTHS_8 || compression == RUN_LENGTHS_4;
        if (!runs && Integer.toUnsignedLong(bytes.getInt(10)) + row * height > encoded.length) {
            throw new DamagedImageException("BMP file of " + encoded.length
                    + " bytes is truncated: its header declares " + width + " x " + height + " pixels");
        }
        int greenBits = bits != 16 ? 8 : compression == MASKS && bytes.getInt(58) == 0x7E0 ? 6 : 5;
        return new BmpImage(encoded, width, height, greenBits);
    }

    private static void requireSupported(int bits, int compression, ByteBuffer bytes) {
        boolean supported =
                switch (compression) {
                    case UNCOMPRESSED -> bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
                    case RUN_LENGTHS_8 -> bits == 8;
                    case RUN_LENGTHS_4 -> bits == 4;
                    case MASKS -> supportedMasks(bits, bytes.getInt(54), bytes.getInt(58), bytes.getInt(62));
                    default -> false;
                };
        if (!supported) {
            throw new UnsupportedImageException(
                    "BMP of " + bits + " bits with compression " + compression
                            + " is not supported, expected 1, 4, 8, 16, 24 or 32 bits, uncompressed or run-length encoded, in the order B, G, R");
        }
    }

    private static boolean supportedMasks(int bits, int red, int green, int blue) {
        return switch (bits) {
            case 16 -> blue == 0x1F && (green == 0x3E0 && red == 0x7C00 || green == 0x7E0 && red == 0xF800);
            case 32 -> blue == 0xFF && green == 0xFF00 && red == 0xFF0000;
            default -> false;
        };
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.BMP;
    }

    @Override
    public int orientation() {
        return ExifOrientation.UPRIGHT;
    }

    @Override
    public long memory(int reduction) {
        return encoded.length + OpenCv.rgbBytes(width, height);
    }

    @Override
    public Mat decode(int reduction) {
        Mat rgb = OpenCv.decode(List.of(ByteBuffer.wrap(encoded)), IMREAD_COLOR_RGB);
        if (greenBits < 8) {
            // OpenCV fills the low bits with zeros, so white would be 248.
            OpenCv.stretch(rgb, 5, greenBits, 5);
        }
        return rgb;
    }
}
