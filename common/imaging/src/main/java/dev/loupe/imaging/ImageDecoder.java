package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Decodes JPEG, PNG, WebP, BMP and TIFF, detected by content. Samples of 1 to 16 bits, grey, palettes, CMYK and alpha
 * are all converted to 8-bit RGB; transparent pixels become white. EXIF orientation is applied. Of an animation or a
 * document of several pages, the first image is decoded. docs/reference/images.md lists the supported variants.
 *
 * <p>Before memory of a size that the file determines is allocated, its header is checked against the limits, and the
 * memory for decoding is reserved from {@link DecoderMemory}. Thread-safe.
 */
public final class ImageDecoder {
    /** Most pixels of an image. */
    public static final long MOST_PIXELS = 100_000_000;
    /** Longest side of an image, in pixels. */
    public static final int LONGEST_SIDE = 65_500;
    /** Most pixels per byte of a large file: deflate expands one byte to up to 1,032 bytes, of eight pixels each. */
    public static final int MOST_PIXELS_PER_BYTE = 10_000;
    /** Number of pixels up to which the memory of an image is harmless, regardless of the size of the file. */
    private static final long SMALL = 4_000_000;
    /** Largest reduction of a decoder. */
    private static final int MOST_REDUCED = 8;

    private ImageDecoder() {}

    /**
     * Decodes an image.
     *
     * @throws UnsupportedImageException if its format or variant is not supported, or it exceeds the limits
     * @throws DamagedImageException if it is incomplete
     * @throws DecoderBusyException if other images use the memory
     */
    public static Pixels decode(byte[] encoded) {
        EncodedImage image = read(encoded);
        requireHeap(image.width(), image.height());
        return decode(image, 1, OpenCv::pixels);
    }

    /**
     * Decodes an image and reduces it if it is larger than requested, by averaging and keeping the aspect ratio. Takes
     * less memory and time than decoding it in full size.
     *
     * @param longestSide longest side of the result in pixels
     * @throws UnsupportedImageException if its format or variant is not supported, or it exceeds the limits
     * @throws DamagedImageException if it is incomplete
     * @throws DecoderBusyException if other images use the memory
     */
    public static Pixels decode(byte[] encoded, int longestSide) {
        if (longestSide < 1) {
            throw new IllegalArgumentException(
                    "longest side of an image: expected at least 1 pixel, got " + longestSide);
        }
        return decode(encoded, image -> reduction(Math.max(image.width(), image.height()), longestSide), rgb -> {
            double scale = (double) longestSide / Math.max(rgb.cols(), rgb.rows());
            if (scale >= 1) {
                return OpenCv.pixels(rgb);
            }
            Mat small = new Mat();
            int width = (int) Math.max(1, Math.round(rgb.cols() * scale));
            int height = (int) Math.max(1, Math.round(rgb.rows() * scale));
            resize(rgb, small, new Size(width, height), 0, 0, INTER_AREA);
            return OpenCv.pixels(small);
        });
    }

    /**
     * Determines the properties of an image, after decoding it completely.
     *
     * @throws UnsupportedImageException if its format or variant is not supported, or it exceeds the limits
     * @throws DamagedImageException if it is incomplete
     * @throws DecoderBusyException if other images use the memory
     */
    public static ImageInspection inspect(byte[] encoded) {
        EncodedImage image = read(encoded);
        return decode(image, MOST_REDUCED, rgb -> {
            boolean turns = ExifOrientation.turns(image.orientation());
            return new ImageInspection(image.format(), (int) (turns ? image.height() : image.width()), (int)
                    (turns ? image.width() : image.height()));
        });
    }

    /**
     * Returns the largest of 1, 2, 4 and 8 by which a side can be divided and still have at least the wanted pixels.
     *
     * @param wanted number of pixels, at least 1
     */
    static int reduction(long side, int wanted) {
        int reduction = 1;
        while (reduction < MOST_REDUCED && side >= 2L * reduction * wanted) {
            reduction *= 2;
        }
        return reduction;
    }

    /**
     * Decodes an image and applies a function to it while its memory is reserved.
     *
     * @param reduction determines the reduction for decoding the image
     * @param use function of the 8-bit RGB image with its orientation applied; the matrix is freed afterwards
     */
    static <T> T decode(byte[] encoded, ToIntFunction<EncodedImage> reduction, Function<Mat, T> use) {
        EncodedImage image = read(encoded);
        return decode(image, reduction.applyAsInt(image), use);
    }

    private static <T> T decode(EncodedImage image, int reduction, Function<Mat, T> use) {
        String size = image.format() + " file of " + image.width() + " x " + image.height() + " pixels";
        OpenCv.load();
        try (DecoderMemory.Lease lease = DecoderMemory.take(memory(image, reduction), size);
                PointerScope scope = new PointerScope()) {
            Mat rgb;
            try {
                rgb = ExifOrientation.apply(image.decode(reduction), image.orientation());
            } catch (UnsupportedImageException | DamagedImageException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new DamagedImageException(size + " can't be decoded", e);
            }
            return use.apply(rgb);
        }
    }

    /** Peak memory of decoding and applying the orientation. */
    private static long memory(EncodedImage image, int reduction) {
        long decoding = image.memory(reduction);
        long turning = ExifOrientation.turns(image.orientation()) ? OpenCv.rgbBytes(image.width(), image.height()) : 0;
        return decoding + turning;
    }

    private static EncodedImage read(byte[] encoded) {
        EncodedImage image = EncodedImage.read(encoded);
        requireWithinLimits(image.format(), image.width(), image.height(), encoded.length);
        return image;
    }

    static void requireWithinLimits(ImageFormat format, long width, long height, long bytes) {
        String size = width + " x " + height + " pixels";
        if (width < 1 || height < 1) {
            throw new DamagedImageException(format + " file claims " + size);
        }
        if (width > LONGEST_SIDE || height > LONGEST_SIDE) {
            throw new ImageTooLargeException(size + " exceeds the limit of " + LONGEST_SIDE + " pixels a side");
        }
        if (width * height > MOST_PIXELS) {
            throw new ImageTooLargeException(size + " exceeds the limit of " + MOST_PIXELS / 1_000_000 + " megapixels");
        }
        if (width * height > SMALL && width * height / MOST_PIXELS_PER_BYTE > bytes) {
            throw new ImageTooLargeException(
                    size + " in " + bytes + " bytes exceeds the limit of " + MOST_PIXELS_PER_BYTE + " pixels a byte");
        }
    }

    /** Throws if a copy of the pixels would leave too little heap for others. */
    private static void requireHeap(long width, long height) {
        long limit = Runtime.getRuntime().maxMemory() / 4;
        if (OpenCv.rgbBytes(width, height) > limit) {
            throw new ImageTooLargeException("%d x %d pixels need %d MiB of the heap, which exceeds the limit of %d MiB"
                    .formatted(width, height, OpenCv.rgbBytes(width, height) >> 20, limit >> 20));
        }
    }
}
