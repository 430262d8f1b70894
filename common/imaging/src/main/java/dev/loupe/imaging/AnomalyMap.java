package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * How far each place of a model's input is from normal, or how much an answer depends on it, and where the input lies in
 * the image. Thread-safe.
 *
 * @param values {@code height} rows of {@code width} values, which cover the input; must not be modified
 * @param width number of places from left to right
 * @param height number of places from top to bottom
 * @param geometry where the input lies in the image
 */
public record AnomalyMap(float[] values, int width, int height, InputGeometry geometry) {
    public AnomalyMap {
        if (values.length != width * height || values.length == 0) {
            throw new IllegalArgumentException(
                    "anomaly map: expected " + width + " x " + height + " values, got " + values.length);
        }
    }

    /** A map that covers the whole image. */
    public AnomalyMap(float[] values, int width, int height) {
        this(values, width, height, InputGeometry.WHOLE);
    }

    /**
     * Returns the map of the image in some size: bilinear between the centres of places, without averaging if it shrinks; 0
     * where the input has nothing of the image.
     *
     * @param columns number of values of a row of the result, at least 1
     * @param rows number of rows of the result, at least 1
     */
    public float[] onImage(int columns, int rows) {
        if (geometry.isWhole()) {
            return resized(columns, rows);
        }
        double[] across = places(geometry.across(), width, columns);
        double[] down = places(geometry.down(), height, rows);
        float[] image = new float[columns * rows];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                if (!Double.isNaN(across[x]) && !Double.isNaN(down[y])) {
                    image[y * columns + x] = between(across[x], down[y]);
                }
            }
        }
        return image;
    }

    private float[] resized(int columns, int rows) {
        OpenCv.load();
        try (PointerScope scope = new PointerScope()) {
            Mat small = new Mat(height, width, CV_32F, new FloatPointer(values));
            Mat large = new Mat();
            resize(small, large, new Size(columns, rows), 0, 0, INTER_LINEAR);
            float[] image = new float[columns * rows];
            new FloatPointer(large.data()).get(image);
            return image;
        }
    }

    /** For each value of the result, its place between the centres of the map's values; NaN where there is none. */
    private static double[] places(InputGeometry.Axis axis, int ofMap, int count) {
        double[] places = new double[count];
        for (int i = 0; i < count; i++) {
            double place = axis.ofInput((i + 0.5) / count);
            places[i] = Double.isNaN(place) ? place : Math.clamp(place * ofMap - 0.5, 0, ofMap - 1);
        }
        return places;
    }

    private float between(double x, double y) {
        int left = (int) x;
        int top = (int) y;
        double upper = between(left, top, x - left);
        double lower = between(left, Math.min(top + 1, height - 1), x - left);
        return (float) (upper + (lower - upper) * (y - top));
    }

    private double between(int left, int row, double share) {
        double first = values[row * width + left];
        return first + (values[row * width + Math.min(left + 1, width - 1)] - first) * share;
    }
}
