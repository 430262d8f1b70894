package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.flip;
import static org.bytedeco.opencv.global.opencv_core.transpose;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bytedeco.opencv.opencv_core.Mat;

/** Orientation of the camera: EXIF 2.32, tag 274, values 1 to 8. */
final class ExifOrientation {
    static final int UPRIGHT = 1;
    static final int TAG = 274;

    private static final int SHORT = 3;
    private static final byte[] PREFIX = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

    private ExifOrientation() {}

    /** Whether a JPEG segment contains EXIF data. */
    static boolean isExif(ByteBuffer segment) {
        return segment.remaining() >= PREFIX.length && Arrays.equals(copy(segment, PREFIX.length), PREFIX);
    }

    /**
     * Returns the orientation in a block of EXIF; 1 if it is missing or unreadable, because invalid metadata must not
     * make the image unusable.
     *
     * @param exif a TIFF structure, with or without "Exif" before it; only its first directory is read
     */
    static int of(ByteBuffer exif) {
        ByteBuffer tiff = (isExif(exif)
                ? exif.slice(exif.position() + PREFIX.length, exif.remaining() - PREFIX.length)
                : exif.slice());
        try {
            tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            if (tiff.getShort(2) != 42) {
                return UPRIGHT;
            }
            tiff.position(tiff.getInt(4));
            for (int entries = Short.toUnsignedInt(tiff.getShort()); entries > 0; entries--) {
                int at = tiff.position();
                if (Short.toUnsignedInt(tiff.getShort(at)) == TAG) {
                    return valid(tiff.getShort(at + 2) == SHORT ? tiff.getShort(at + 8) : tiff.getInt(at + 8));
                }
                tiff.position(at + 12);
            }
            return UPRIGHT;
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            return UPRIGHT;
        }
    }

    static int valid(long orientation) {
        return orientation >= 1 && orientation <= 8 ? (int) orientation : UPRIGHT;
    }

    /** Whether width and height are swapped. */
    static boolean turns(int orientation) {
        return orientation >= 5;
    }

    /** Rotates and flips so that the first row is the top and the first column the left; may modify the argument. */
    static Mat apply(Mat stored, int orientation) {
        Mat upright = stored;
        if (turns(orientation)) {
            upright = new Mat();
            transpose(stored, upright);
            stored.release();
        }
        switch (orientation) {
            case 2, 6 -> flip(upright, upright, 1);
            case 3, 7 -> flip(upright, upright, -1);
            case 4, 8 -> flip(upright, upright, 0);
            default -> {}
        }
        return upright;
    }

    private static byte[] copy(ByteBuffer buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}
