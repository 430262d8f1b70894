package dev.loupe.imaging;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * An image file whose structure was read and checked, but not decoded yet. Reading it allocates no memory of a size
 * that the file determines.
 */
sealed interface EncodedImage permits JpegImage, PngImage, WebpImage, BmpImage, TiffImage {
    /** Format, detected by content. */
    ImageFormat format();

    /** Width in pixels, before EXIF orientation. */
    long width();

    /** Height in pixels, before EXIF orientation. */
    long height();

    /** EXIF 2.32, tag 274: 1 to 8. */
    int orientation();

    /**
     * Peak memory of {@link #decode} in bytes, including its result.
     *
     * @param reduction as for {@link #decode}
     */
    long memory(int reduction);

    /**
     * Decodes to 8-bit RGB without applying the orientation; transparent pixels become white. The caller's scope owns
     * the matrix.
     *
     * @param reduction 1, 2, 4 or 8: each side is divided by it, rounded up, if the format supports that (JPEG); other
     *     formats are decoded in full size
     * @throws DamagedImageException if the file cannot be decoded completely
     */
    Mat decode(int reduction);

    /**
     * @throws UnsupportedImageException if the format or its variant is not supported
     * @throws DamagedImageException if the file is truncated or inconsistent
     */
    static EncodedImage read(byte[] encoded) {
        ImageFormat format = format(encoded);
        try {
            return switch (format) {
                case JPEG -> JpegImage.read(encoded);
                case PNG -> PngImage.read(encoded);
                case WEBP -> WebpImage.read(encoded);
                case BMP -> BmpImage.read(encoded);
                case TIFF -> TiffImage.read(encoded);
            };
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new DamagedImageException(format + " file of " + encoded.length + " bytes is truncated", e);
        }
    }

    private static ImageFormat format(byte[] encoded) {
        if (encoded.length == 0) {
            throw new UnsupportedImageException("the file is empty, expected an image: JPEG, PNG, WebP, BMP or TIFF");
        }
        byte[] start = new byte[12];
        System.arraycopy(encoded, 0, start, 0, Math.min(start.length, encoded.length));
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (ByteBuffer.wrap(start).getLong(0) == PngImage.SIGNATURE) {
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
                describe(encoded) + " is not supported, expected an image: JPEG, PNG, WebP, BMP or TIFF");
    }

    private static String describe(byte[] encoded) {
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
        } else if (text.startsWith("ii+\0") || text.startsWith("mm\0+")) {
            return "a BigTIFF";
        } else if (text.startsWith("\u00ff\n") || text.startsWith("jxl ", 4)) {
            return "a JPEG XL";
        } else if (text.startsWith("jp  ", 4) || text.startsWith("\u00ff\u006f\u00ff\u0071")) {
            return "a JPEG 2000";
        } else if (text.contains("<svg")) {
            return "an SVG drawing";
        } else if (text.contains("<html") || text.contains("<!doctype html")) {
            return "an HTML page";
        }
        return "a file of unknown format";
    }
}
