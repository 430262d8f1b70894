package dev.loupe.vision.image;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * How a picture becomes a model's input, in training and in serving: resized (the whole picture, its sides' ratio is not
 * kept), rounded once to 8 bits, then {@code (x / scale - mean) / std} for each x of 0..255. A side that shrinks is averaged
 * (OpenCV's INTER_AREA), one that grows is interpolated (INTER_LINEAR); where one shrinks and one grows, it shrinks
 * first. Thread-safe.
 *
 * @param width of the input, pixels
 * @param height of the input, pixels
 * @param scale greater than 0
 * @param mean of R, G, B
 * @param std of R, G, B, each greater than 0
 */
public record Preprocessing(int width, int height, float scale, float[] mean, float[] std) {
    private static final int CHANNELS = 3;

    public Preprocessing {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "preprocessing: the input must have pixels, got " + width + " x " + height);
        }
        if (!(scale > 0) || !Float.isFinite(scale)) {
            throw new IllegalArgumentException("preprocessing: scale must be greater than 0, got " + scale);
        }
        if (mean.length != CHANNELS || std.length != CHANNELS) {
            throw new IllegalArgumentException("preprocessing: mean and std must be of three colours, got "
                    + Arrays.toString(mean) + " and " + Arrays.toString(std));
        }
        for (int c = 0; c < CHANNELS; c++) {
            if (!Float.isFinite(mean[c]) || !(std[c] > 0) || !Float.isFinite(std[c])) {
                throw new IllegalArgumentException("preprocessing: mean must be finite and std greater than 0, got "
                        + Arrays.toString(mean) + " and " + Arrays.toString(std));
            }
        }
        mean = mean.clone();
        std = std.clone();
    }

    /** Values of one input: {@code 3 * height * width}. */
    public int size() {
        return CHANNELS * height * width;
    }

    /** The input for a picture: {@code [3, height, width]}, row-major, R then G then B. */
    public float[] apply(Pixels picture) {
        byte[] rgb = resized(picture).rgb();
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

    private Pixels resized(Pixels picture) {
        int shrunkWidth = Math.min(width, picture.width());
        int shrunkHeight = Math.min(height, picture.height());
        if (picture.width() == width && picture.height() == height) {
            return picture;
        }
        OpenCv.load();
        try (PointerScope scope = new PointerScope()) {
            Mat mat = OpenCv.mat(picture);
            if (picture.width() >= width && picture.height() >= height) {
                return OpenCv.pixels(scaled(mat, width, height, INTER_AREA));
            }
            // On bytes, OpenCV interpolates with 11 bits a weight: one pixel in nine is off by one.
            Mat exact = new Mat();
            mat.convertTo(exact, CV_32F);
            exact = scaled(exact, shrunkWidth, shrunkHeight, INTER_AREA);
            exact = scaled(exact, width, height, INTER_LINEAR);
            Mat rounded = new Mat();
            exact.convertTo(rounded, CV_8U);
            return OpenCv.pixels(rounded);
        }
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
                && Arrays.equals(std, that.std);
    }

    @Override
    public int hashCode() {
        return Objects.hash(width, height, scale, Arrays.hashCode(mean), Arrays.hashCode(std));
    }
}
