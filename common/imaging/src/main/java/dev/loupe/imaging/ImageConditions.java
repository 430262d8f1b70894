package dev.loupe.imaging;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * How an image was taken: its exposure, its sharpness, its shape and its size. Brightness and sharpness are those of the
 * model's input, which is small, so measuring them costs little; what a model does not see does not count either.
 *
 * @param values what could be measured: of a prepared input, whose image is not known, brightness and sharpness only
 */
public record ImageConditions(Map<Measure, Double> values) {
    /** Shares of red, green and blue in a grey value (ITU-R BT.601). */
    private static final float[] LUMA = {0.299f, 0.587f, 0.114f};
    /** A Laplacian needs a pixel with a neighbour on each side. */
    private static final int SMALLEST_SIDE = 3;

    /** What is measured of an image. */
    public enum Measure {
        /** Mean grey value of the model's input, 0..255. */
        BRIGHTNESS("brightness"),
        /** Variance of the Laplacian of the model's input (Pech-Pacheco et al., ICPR 2000), 0 or greater. */
        SHARPNESS("sharpness"),
        /** Width of the image divided by its height, after EXIF orientation. */
        ASPECT_RATIO("aspectRatio"),
        /** Longest side of the image in pixels. */
        SIZE("size");

        private final String text;

        Measure(String text) {
            this.text = text;
        }

        /** The name in documents and answers: {@code aspectRatio}. */
        @JsonValue
        @Override
        public String toString() {
            return text;
        }
    }

    public ImageConditions {
        values = Collections.unmodifiableMap(new EnumMap<>(values));
    }

    /**
     * Measures brightness and sharpness.
     *
     * @param nchw inputs {@code [n, 3, height, width]} as {@link Preprocessing#apply} creates them
     * @param index number of the image among them
     * @param preprocessing the preprocessing that created them
     */
    public static ImageConditions of(float[] nchw, int index, Preprocessing preprocessing) {
        float[] grey = grey(nchw, index, preprocessing);
        double sum = 0;
        for (float value : grey) {
            sum += value;
        }
        Map<Measure, Double> values = new EnumMap<>(Measure.class);
        values.put(Measure.BRIGHTNESS, sum / grey.length);
        values.put(Measure.SHARPNESS, sharpness(grey, preprocessing.width(), preprocessing.height()));
        return new ImageConditions(values);
    }

    /** The same conditions, with the shape and the size of the image. */
    public ImageConditions withSize(int width, int height) {
        Map<Measure, Double> all = new EnumMap<>(values);
        all.put(Measure.ASPECT_RATIO, (double) width / height);
        all.put(Measure.SIZE, (double) Math.max(width, height));
        return new ImageConditions(all);
    }

    private static float[] grey(float[] nchw, int index, Preprocessing preprocessing) {
        int plane = preprocessing.width() * preprocessing.height();
        float[] grey = new float[plane];
        for (int c = 0; c < LUMA.length; c++) {
            float factor = LUMA[c] * preprocessing.scale() * preprocessing.std()[c];
            float offset = LUMA[c] * preprocessing.scale() * preprocessing.mean()[c];
            int start = (index * LUMA.length + c) * plane;
            for (int i = 0; i < plane; i++) {
                grey[i] += factor * nchw[start + i] + offset;
            }
        }
        return grey;
    }

    private static double sharpness(float[] grey, int width, int height) {
        if (width < SMALLEST_SIDE || height < SMALLEST_SIDE) {
            return 0;
        }
        double sum = 0;
        double squares = 0;
        for (int y = 1; y < height - 1; y++) {
            float rowSum = 0;
            float rowSquares = 0;
            for (int i = y * width + 1; i < (y + 1) * width - 1; i++) {
                float edge = grey[i - 1] + grey[i + 1] + grey[i - width] + grey[i + width] - 4 * grey[i];
                rowSum += edge;
                rowSquares += edge * edge;
            }
            sum += rowSum;
            squares += rowSquares;
        }
        double count = (double) (width - 2) * (height - 2);
        double mean = sum / count;
        return Math.max(0, squares / count - mean * mean);
    }
}
