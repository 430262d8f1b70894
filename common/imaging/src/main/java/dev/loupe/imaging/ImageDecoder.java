package dev.loupe.imaging;

import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Decodes JPEG, PNG, WebP, BMP and TIFF, detected by content. Samples of 1 to 16 bits, grey, palettes, CMYK and alpha
 * are all converted to 8-bit RGB; transparent pixels become white. EXIF orientation is applied. Of an animation or a
 * document of several pages, the first image is decoded. docs/reference/images.md lists the supported variants.
 *
 * <p>Before memory of a size that the file determines is allocated, its header is checked against the limits, and the
 * memory for decoding is reserved from {@link DecoderMemory}. Thread-safe.
 */
public final class ImageDecoder {
    /** Maximum number of pixels of an image. */
    public static final long MAX_PIXELS = 100_000_000;
    /** Maximum width and height of an image, in pixels. */
    public static final int MAX_SIDE = 65_500;
    /** Maximum number of pixels per byte of a large file: deflate expands a byte to at most 1,032 bytes of 8 pixels. */
    public static final int MAX_PIXELS_PER_BYTE = 10_000;
    /** Up to this number of pixels, {@link #MAX_PIXELS_PER_BYTE} does not apply: the image needs little memory. */
    private static final long SMALL_IMAGE_PIXELS = 4_000_000;
    /** Maximum factor by which a decoder reduces an image. */
    private static final int MAX_REDUCTION = 8;

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
        return decode(
                encoded,
                image -> reduction(Math.max(image.width(), image.height()), longestSide),
                rgb -> OpenCv.pixels(OpenCv.reduced(rgb, longestSide)));
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
        return decode(image, MAX_REDUCTION, _ -> properties(image));
    }

    /**
     * Reads the properties of an image from its header. Its pixels may be damaged all the same.
     *
     * @throws UnsupportedImageException if its format or variant is not supported, or it exceeds the limits
     * @throws DamagedImageException if the header is incomplete
     */
    public static ImageInspection header(byte[] encoded) {
        return properties(read(encoded));
    }

    private static ImageInspection properties(EncodedImage image) {
        boolean turns = ExifOrientation.turns(image.orientation());
        return new ImageInspection(image.format(), (int) (turns ? image.height() : image.width()), (int)
                (turns ? image.width() : image.height()));
    }

    /**
     * Returns the largest of the divisors 1, 2, 4 and 8 that leaves a side with at least the wanted number of pixels.
     *
     * @param wanted number of pixels, at least 1
     */
    static int reduction(long side, int wanted) {
        int reduction = 1;
        while (reduction < MAX_REDUCTION && side >= 2L * reduction * wanted) {
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
        try (DecoderMemory.Lease lease = DecoderMemory.reserve(memory(image, reduction), size);
                PointerScope scope = new PointerScope()) {
            Mat rgb;
            try {
                rgb = ExifOrientation.apply(image.decode(reduction), image.orientation());
            } catch (UnsupportedImageException | DamagedImageException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new DamagedImageException(size + " cannot be decoded", e);
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
            throw new DamagedImageException(format + " file: expected at least 1 pixel, got " + size);
        }
        if (width > MAX_SIDE || height > MAX_SIDE) {
            throw new ImageTooLargeException(size + " exceeds the limit of " + MAX_SIDE + " pixels per side");
        }
        if (width * height > MAX_PIXELS) {
            throw new ImageTooLargeException(size + " exceeds the limit of " + MAX_PIXELS / 1_000_000 + " megapixels");
        }
        if (width * height > SMALL_IMAGE_PIXELS && width * height / MAX_PIXELS_PER_BYTE > bytes) {
            throw new ImageTooLargeException(
                    size + " in " + bytes + " bytes exceeds the limit of " + MAX_PIXELS_PER_BYTE + " pixels per byte");
        }
    }

    /** Throws if a copy of the pixels needs more of the heap than one image may use. */
    private static void requireHeap(long width, long height) {
        long limit = Runtime.getRuntime().maxMemory() / 4;
        if (OpenCv.rgbBytes(width, height) > limit) {
            throw new ImageTooLargeException("%d x %d pixels need %d MiB of the heap, which exceeds the limit of %d MiB"
                    .formatted(width, height, OpenCv.rgbBytes(width, height) >> 20, limit >> 20));
        }
    }
}
