package dev.loupe.vision.image;

import static org.bytedeco.opencv.global.opencv_core.CV_16U;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_UNCHANGED;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Turns encoded pictures into pixels: JPEG (CMYK and YCCK too), PNG, WebP, BMP and TIFF, told by content. Samples of 1
 * to 16 bits, grey, palettes and alpha all become 8-bit RGB; what is transparent shows white. EXIF orientation is
 * applied. Of an animation or a document of several pages the first is taken.
 *
 * <p>The header is checked against the limits before memory is allocated. Thread-safe.
 */
public final class ImageDecoder {
    /** Most pixels of a picture. */
    public static final long MOST_PIXELS = 100_000_000;
    /** Longest side of a picture, in pixels. */
    public static final int LONGEST_SIDE = 65_500;
    /** Most pixels that one byte of a large file may claim: deflate reaches 1,032 bytes for one, of eight pixels each. */
    public static final int MOST_PIXELS_PER_BYTE = 10_000;
    /** Up to here a picture's memory is harmless, however few bytes claim it. */
    private static final long SMALL = 4_000_000;

    private ImageDecoder() {}

    /**
     * Decodes a picture.
     *
     * @throws UnsupportedImageException if it is of another format, or beyond the limits
     * @throws DamagedImageException if it is not whole
     */
    public static Pixels decode(byte[] encoded) {
        return decode(encoded, header(encoded));
    }

    /**
     * Says what a picture is, after decoding it whole.
     *
     * @throws UnsupportedImageException if it is of another format, or beyond the limits
     * @throws DamagedImageException if it is not whole
     */
    public static ImageInspection inspect(byte[] encoded) {
        ImageHeader header = header(encoded);
        Pixels pixels = decode(encoded, header);
        return new ImageInspection(header.format(), pixels.width(), pixels.height());
    }

    private static ImageHeader header(byte[] encoded) {
        ImageHeader header = ImageHeader.read(encoded);
        long width = header.width();
        long height = header.height();
        String size = width + " x " + height + " pixels";
        if (width < 1 || height < 1) {
            throw new DamagedImageException(header.format() + " file claims " + size);
        }
        if (width > LONGEST_SIDE || height > LONGEST_SIDE) {
            throw new UnsupportedImageException(size + " exceeds the limit of " + LONGEST_SIDE + " pixels a side");
        }
        if (width * height > MOST_PIXELS) {
            throw new UnsupportedImageException(
                    size + " exceeds the limit of " + MOST_PIXELS / 1_000_000 + " megapixels");
        }
        if (width * height > SMALL && width * height / MOST_PIXELS_PER_BYTE > encoded.length) {
            throw new UnsupportedImageException(size + " in " + encoded.length + " bytes exceeds the limit of "
                    + MOST_PIXELS_PER_BYTE + " pixels a byte");
        }
        return header;
    }

    private static Pixels decode(byte[] encoded, ImageHeader header) {
        int orientation = ExifOrientation.of(encoded, header.format());
        OpenCv.load();
        try (PointerScope scope = new PointerScope();
                BytePointer pointer = new BytePointer(encoded);
                Mat bytes = new Mat(1, encoded.length, CV_8U, pointer)) {
            Mat decoded = openCv(bytes, header.format());
            if (decoded.empty()) {
                // Rare TIFF and BMP kinds: the platform reads some that OpenCV does not.
                decoded = platform(encoded, header.format());
            }
            Mat oriented = ExifOrientation.apply(OpenCv.toRgb(decoded), orientation);
            return OpenCv.pixels(oriented);
        } catch (RuntimeException e) {
            if (e instanceof UnsupportedImageException || e instanceof DamagedImageException) {
                throw e;
            }
            throw new DamagedImageException(header.format() + " file can't be decoded", e);
        }
    }

    private static Mat openCv(Mat bytes, ImageFormat format) {
        // Only "unchanged" keeps alpha and 16 bits; only "color" turns CMYK into colours.
        boolean plain = format == ImageFormat.JPEG || format == ImageFormat.BMP;
        Mat decoded = imdecode(bytes, plain ? IMREAD_COLOR | IMREAD_IGNORE_ORIENTATION : IMREAD_UNCHANGED);
        if (!plain && !decoded.empty() && decoded.depth() != CV_8U && decoded.depth() != CV_16U) {
            throw new UnsupportedImageException(
                    format + " file with samples that are no integers of 8 or 16 bits: save it with 8 bits");
        }
        return decoded;
    }

    private static Mat platform(byte[] encoded, ImageFormat format) {
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(encoded));
            if (image == null) {
                throw new DamagedImageException(format + " file can't be decoded");
            }
            return OpenCv.toMat(image);
        } catch (IOException e) {
            throw new DamagedImageException(format + " file can't be decoded: " + e.getMessage(), e);
        }
    }
}
