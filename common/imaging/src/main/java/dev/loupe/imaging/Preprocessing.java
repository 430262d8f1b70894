package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Converts an image to a model's input, the same way in training and in serving: prepare and resize, round once to 8
 * bits, then {@code (x / scale - mean) / std} for each x of 0..255. By default the whole image is resized, without
 * keeping the aspect ratio; {@link ImagePreparation} has what else can be done. A side that shrinks is averaged
 * (OpenCV's INTER_AREA), one that grows is interpolated (INTER_LINEAR); if one shrinks and the
 * other grows, it shrinks first. Thread-safe.
 *
 * <p>A JPEG much larger than the input is decoded by libjpeg at 1/2, 1/4 or 1/8 of its size: the smallest of these
 * whose shorter side, without the margins that are cut off, still has {@code jpegSide} pixels.
 *
 * @param width width of the input in pixels
 * @param height height of the input in pixels
 * @param scale divisor of the bytes, greater than 0
 * @param mean mean of R, G, B
 * @param std standard deviation of R, G, B, each greater than 0
 * @param jpegSide minimum shorter side, in pixels, of a JPEG that is decoded at a reduced size; 0: always full size
 * @param preparation what is done besides resizing; null, as in packages of earlier versions, for nothing
 */
public record Preprocessing(
        int width, int height, float scale, float[] mean, float[] std, int jpegSide, ImagePreparation preparation) {
    private static final int CHANNELS = 3;
    /** A JPEG is decoded at a reduced size while its side has at least this multiple of the input's pixels. */
    private static final int JPEG_MARGIN = 4;
    /** Value of the pixels beside an image that is padded. */
    private static final double PADDING = 127;

    public Preprocessing {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "preprocessing: width and height must be at least 1, got " + width + " x " + height);
        }
        if (!(scale > 0) || !Float.isFinite(scale)) {
            throw new IllegalArgumentException("preprocessing: scale must be greater than 0, got " + scale);
        }
        if (mean.length != CHANNELS || std.length != CHANNELS) {
            throw new IllegalArgumentException("preprocessing: mean and std must have 3 values each, got "
                    + Arrays.toString(mean) + " and " + Arrays.toString(std));
        }
        for (int c = 0; c < CHANNELS; c++) {
            if (!Float.isFinite(mean[c]) || !(std[c] > 0) || !Float.isFinite(std[c])) {
                throw new IllegalArgumentException("preprocessing: mean must be finite and std greater than 0, got "
                        + Arrays.toString(mean) + " and " + Arrays.toString(std));
            }
        }
        if (jpegSide < 0) {
            throw new IllegalArgumentException("preprocessing: jpegSide must be 0 or greater, got " + jpegSide);
        }
        mean = mean.clone();
        std = std.clone();
        preparation = preparation == null ? ImagePreparation.NONE : preparation;
    }

    /** A preprocessing with a {@code jpegSide} of four times the input's longer side. */
    public Preprocessing(int width, int height, float scale, float[] mean, float[] std) {
        this(width, height, scale, mean, std, JPEG_MARGIN * Math.max(width, height), ImagePreparation.NONE);
    }

    /** The same input from images that are prepared in this way. */
    public Preprocessing with(ImagePreparation other) {
        return new Preprocessing(width, height, scale, mean, std, jpegSide, other);
    }

    /** Number of values of one input: {@code 3 * height * width}. */
    public int size() {
        return CHANNELS * height * width;
    }

    /**
     * Returns the input for an encoded image: {@code [3, height, width]}, row-major, R then G then B.
     *
     * @throws UnsupportedImageException if its format or variant is not supported, or it exceeds the limits
     * @throws DamagedImageException if it is incomplete
     * @throws DecoderBusyException if other images use the memory
     */
    public float[] apply(byte[] encoded) {
        return ImageDecoder.decode(
                encoded,
                this::reduction,
                rgb -> input(OpenCv.pixels(prepared(rgb)).rgb()));
    }

    private int reduction(EncodedImage image) {
        ImagePreparation.Margins margins = preparation.margins();
        return jpegSide == 0
                ? 1
                : ImageDecoder.reduction(
                        Math.min(margins.width(image.width()), margins.height(image.height())), jpegSide);
    }

    /** Returns the input for a decoded image: {@code [3, height, width]}, row-major, R then G then B. */
    public float[] apply(Pixels image) {
        if (image.width() == width && image.height() == height && preparation.equals(ImagePreparation.NONE)) {
            return input(image.rgb()); // works without OpenCV, which the trial of a backbone does not have
        }
        OpenCv.load();
        try (PointerScope scope = new PointerScope()) {
            return input(OpenCv.pixels(prepared(OpenCv.mat(image))).rgb());
        }
    }

    private float[] input(byte[] rgb) {
        float[] input = new float[size()];
        int plane = width * height;
        float[] values = new float[256];
        for (int c = 0; c < CHANNELS; c++) {
            for (int x = 0; x < values.length; x++) {
                values[x] = (x / scale - mean[c]) / std[c];
            }
            for (int i = 0; i < plane; i++) {
                input[c * plane + i] = values[rgb[CHANNELS * i + c] & 0xFF];
            }
        }
        return input;
    }

    private Mat prepared(Mat rgb) {
        return preparation.finish(fitted(preparation.margins().cut(rgb)));
    }

    private Mat fitted(Mat image) {
        Resized size = fitted(image.cols(), image.rows());
        Mat resized = resized(image, size.width(), size.height());
        return switch (preparation.fit()) {
            case STRETCH -> resized;
            case PAD -> {
                Mat padded = new Mat(height, width, image.type(), Scalar.all(PADDING));
                Mat middle = padded.apply(new Rect(
                        (width - size.width()) / 2, (height - size.height()) / 2, size.width(), size.height()));
                resized.copyTo(middle);
                yield padded;
            }
            case CROP ->
                resized.apply(new Rect((size.width() - width) / 2, (size.height() - height) / 2, width, height))
                        .clone();
        };
    }

    private record Resized(int width, int height) {}

    /** The size that an image is resized to before it is padded or cropped. */
    private Resized fitted(long columns, long rows) {
        double across = (double) width / columns;
        double down = (double) height / rows;
        return switch (preparation.fit()) {
            case STRETCH -> new Resized(width, height);
            case PAD -> {
                double scale = Math.min(across, down);
                yield new Resized(
                        Math.clamp(Math.round(columns * scale), 1, width),
                        Math.clamp(Math.round(rows * scale), 1, height));
            }
            case CROP -> {
                double scale = Math.max(across, down);
                yield new Resized((int) Math.max(width, Math.round(columns * scale)), (int)
                        Math.max(height, Math.round(rows * scale)));
            }
        };
    }

    /** Where the input lies in an image of this size in pixels. */
    public InputGeometry geometry(int imageWidth, int imageHeight) {
        ImagePreparation.Margins margins = preparation.margins();
        long columns = margins.width(imageWidth);
        long rows = margins.height(imageHeight);
        Resized size = fitted(columns, rows);
        return new InputGeometry(
                new InputGeometry.Axis(
                        imageWidth,
                        ImagePreparation.Margins.begin(imageWidth, columns, margins.left()),
                        columns,
                        width,
                        (width - size.width()) / 2,
                        size.width()),
                new InputGeometry.Axis(
                        imageHeight,
                        ImagePreparation.Margins.begin(imageHeight, rows, margins.top()),
                        rows,
                        height,
                        (height - size.height()) / 2,
                        size.height()));
    }

    private static Mat resized(Mat image, int width, int height) {
        if (image.cols() >= width && image.rows() >= height) {
            return scaled(image, width, height, INTER_AREA);
        }
        // For bytes, OpenCV interpolates with 11-bit weights, and one pixel in nine would differ by one.
        Mat exact = new Mat();
        image.convertTo(exact, CV_32F);
        exact = scaled(exact, Math.min(width, image.cols()), Math.min(height, image.rows()), INTER_AREA);
        exact = scaled(exact, width, height, INTER_LINEAR);
        Mat rounded = new Mat();
        exact.convertTo(rounded, CV_8U);
        return rounded;
    }

    private static Mat scaled(Mat from, int width, int height, int interpolation) {
        if (from.cols() == width && from.rows() == height) {
            return from;
        }
        Mat to = new Mat();
        resize(from, to, new Size(width, height), 0, 0, interpolation);
        return to;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Preprocessing that
                && width == that.width
                && height == that.height
                && scale == that.scale
                && Arrays.equals(mean, that.mean)
                && Arrays.equals(std, that.std)
                && jpegSide == that.jpegSide
                && preparation.equals(that.preparation);
    }

    @Override
    public int hashCode() {
        return Objects.hash(width, height, scale, Arrays.hashCode(mean), Arrays.hashCode(std), jpegSide, preparation);
    }
}
