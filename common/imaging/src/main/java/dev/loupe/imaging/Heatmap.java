package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC4;
import static org.bytedeco.opencv.global.opencv_imgproc.COLORMAP_INFERNO;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.applyColorMap;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.util.OptionalDouble;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Draws an anomaly map over its image. Where the map is below the threshold, the image is unchanged. A contour line marks
 * the threshold. From the threshold to twice the threshold, the colour changes from red to yellow and its opacity
 * increases. A colour means the same value in every image of a model. The colours are the upper half of matplotlib's
 * "inferno", whose lightness increases evenly. A legend below the image shows the scale and the threshold.
 *
 * <p>The score of an image need not be the highest value of its map. The methods with a score draw the map on the scale of
 * the score: the hottest place has the colour of the score, so that an image has a coloured place just if its score reaches
 * the threshold.
 */
public final class Heatmap {
    /** Default of the longest side of a heatmap: its PNG stays below 4 MB for any image. */
    public static final int DEFAULT_LONGEST_SIDE = 1024;

    /** Opacity of the colour at the threshold. */
    private static final double OPACITY_AT_THRESHOLD = 0.25;

    private static final double OPACITY_AT_TWICE_THRESHOLD = 0.75;
    /** Of a normal image, rounding must not lift a place to the threshold. */
    private static final float BELOW_THRESHOLD = Math.nextDown(1f);

    private static final int[] CONTOUR_RGB = {0, 230, 255};
    private static final int COLOURS = 256;
    /** Levels of compression of PNG. */
    private static final int FAST = 1;

    private static final int SMALLEST = 9;

    private Heatmap() {}

    /** {@link #png(Pixels, AnomalyMap, double, int)} with {@link #DEFAULT_LONGEST_SIDE}. */
    public static byte[] png(Pixels image, AnomalyMap map, double threshold) {
        return png(image, map, threshold, DEFAULT_LONGEST_SIDE);
    }

    /** {@link #png(Pixels, AnomalyMap, double, int)} on the scale of the image's score. */
    public static byte[] png(Pixels image, AnomalyMap map, double threshold, int longestSide, double score) {
        return png(image, map, threshold, longestSide, OptionalDouble.of(score));
    }

    /**
     * Draws the overlay.
     *
     * @param image image that was predicted
     * @param threshold value from which a place is anomalous, greater than 0
     * @param longestSide longest side of the result in pixels, including the legend, at least 128; a larger image is
     *     reduced
     * @return PNG with the image at the upper left and the legend below it
     */
    public static byte[] png(Pixels image, AnomalyMap map, double threshold, int longestSide) {
        return png(image, map, threshold, longestSide, OptionalDouble.empty());
    }

    private static byte[] png(Pixels image, AnomalyMap map, double threshold, int longestSide, OptionalDouble score) {
        if (longestSide < HeatmapLegend.MIN_WIDTH) {
            throw new IllegalArgumentException(
                    "longest side: expected at least " + HeatmapLegend.MIN_WIDTH + ", got " + longestSide);
        }
        OpenCv.load();
        try (PointerScope scope = new PointerScope()) {
            Pixels reduced = reduced(image, longestSide);
            int width = reduced.width();
            int height = reduced.height();
            byte[] rgb = reduced.rgb().clone();
            float[] steps = steps(map, threshold, score, width, height);
            blend(rgb, steps);
            boolean[] contour = contour(steps, width, height);
            for (int i = 0; i < contour.length; i++) {
                if (contour[i]) {
                    paint(rgb, i, CONTOUR_RGB);
                }
            }
            return OpenCv.png(HeatmapLegend.below(new Pixels(width, height, rgb), threshold), FAST);
        }
    }

    /** {@link #overlay(AnomalyMap, double, int, int)} on the scale of the image's score. */
    public static byte[] overlay(AnomalyMap map, double threshold, int width, int height, double score) {
        return overlay(map, threshold, width, height, OptionalDouble.of(score));
    }

    /**
     * Draws what {@link #png} draws over the image, without the image and the legend: over an image that is scaled to
     * the same size, both look the same.
     *
     * @param threshold value from which a place is anomalous, greater than 0
     * @param width width of the result in pixels, at least 1
     * @param height height of the result in pixels, at least 1
     * @return PNG with an alpha channel: transparent where the map is below the threshold
     */
    public static byte[] overlay(AnomalyMap map, double threshold, int width, int height) {
        return overlay(map, threshold, width, height, OptionalDouble.empty());
    }

    private static byte[] overlay(AnomalyMap map, double threshold, int width, int height, OptionalDouble score) {
        OpenCv.load();
        try (PointerScope scope = new PointerScope()) {
            float[] steps = steps(map, threshold, score, width, height);
            boolean[] contour = contour(steps, width, height);
            byte[] colours = inferno();
            byte[] bgra = new byte[4 * steps.length];
            for (int i = 0; i < steps.length; i++) {
                if (contour[i]) {
                    for (int c = 0; c < 3; c++) {
                        bgra[4 * i + c] = (byte) CONTOUR_RGB[2 - c];
                    }
                    bgra[4 * i + 3] = (byte) 255;
                } else if (steps[i] >= 1) {
                    double above = Math.min(steps[i] - 1, 1);
                    System.arraycopy(colours, 3 * colour(above), bgra, 4 * i, 3);
                    bgra[4 * i + 3] = (byte) Math.round(255 * opacity(above));
                }
            }
            Mat drawn = new Mat(height, width, CV_8UC4);
            drawn.data().put(bgra);
            return OpenCv.png(drawn, SMALLEST);
        }
    }

    /** Returns the value of each pixel in an image of the given size: 1 is the threshold. */
    private static float[] steps(AnomalyMap map, double threshold, OptionalDouble score, int width, int height) {
        float[] steps = map.onImage(width, height);
        double hottest = 0;
        for (float value : steps) {
            hottest = Math.max(hottest, value);
        }
        boolean scaled = score.isPresent() && hottest > 0;
        double unit = scaled ? hottest : 1;
        double factor = scaled ? score.getAsDouble() : 1;
        boolean normal = scaled && factor < threshold;
        for (int i = 0; i < steps.length; i++) {
            float step = (float) (threshold > 0 ? steps[i] / unit * factor / threshold : 2);
            steps[i] = normal ? Math.min(step, BELOW_THRESHOLD) : step;
        }
        return steps;
    }

    /** Returns the image, reduced if it does not fit into a square together with its legend. */
    private static Pixels reduced(Pixels image, int longestSide) {
        double ratio = Math.min(
                (double) longestSide / image.width(), (double) (longestSide - HeatmapLegend.HEIGHT) / image.height());
        if (ratio >= 1) {
            return image;
        }
        Size size = new Size(Math.max(1, (int) (ratio * image.width())), Math.max(1, (int) (ratio * image.height())));
        Mat smaller = new Mat();
        resize(OpenCv.mat(image), smaller, size, 0, 0, INTER_AREA);
        return OpenCv.pixels(smaller);
    }

    /**
     * Blends pixels with the colour of their value.
     *
     * @param heat one value per pixel: 1 is the threshold
     */
    static void blend(byte[] rgb, float[] heat) {
        byte[] colours = inferno();
        for (int i = 0; i < heat.length; i++) {
            if (heat[i] < 1) {
                continue;
            }
            double above = Math.min(heat[i] - 1, 1);
            double opacity = opacity(above);
            int colour = colour(above);
            for (int c = 0; c < 3; c++) {
                double light = (1 - opacity) * (rgb[3 * i + c] & 0xFF) + opacity * (colours[3 * colour + 2 - c] & 0xFF);
                rgb[3 * i + c] = (byte) Math.round(light);
            }
        }
    }

    /**
     * Opacity of the colour of a value.
     *
     * @param above 0 at the threshold, 1 at twice the threshold
     */
    private static double opacity(double above) {
        return OPACITY_AT_THRESHOLD + (OPACITY_AT_TWICE_THRESHOLD - OPACITY_AT_THRESHOLD) * above;
    }

    /** Index of the colour of a value in {@link #inferno}. */
    private static int colour(double above) {
        return (int) Math.round((COLOURS - 1) * (1 + above) / 2);
    }

    /** B, G, R of each of the 256 colours. */
    private static byte[] inferno() {
        byte[] levels = new byte[COLOURS];
        for (int i = 0; i < COLOURS; i++) {
            levels[i] = (byte) i;
        }
        try (PointerScope scope = new PointerScope()) {
            Mat grey = new Mat(1, COLOURS, CV_8UC1);
            grey.data().put(levels);
            Mat colours = new Mat();
            applyColorMap(grey, colours, COLORMAP_INFERNO);
            byte[] bgr = new byte[3 * COLOURS];
            colours.data().get(bgr);
            return bgr;
        }
    }

    /** Returns the outline of the area that reaches the threshold, one pixel wide, or two in larger images. */
    private static boolean[] contour(float[] heat, int width, int height) {
        boolean[] contour = new boolean[heat.length];
        int depth = Math.max(width, height) < DEFAULT_LONGEST_SIDE / 2 ? 1 : 2;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                contour[y * width + x] = heat[y * width + x] >= 1 && reachesColdPixel(heat, width, height, x, y, depth);
            }
        }
        return contour;
    }

    private static boolean reachesColdPixel(float[] heat, int width, int height, int x, int y, int depth) {
        for (int v = Math.max(0, y - depth); v <= Math.min(height - 1, y + depth); v++) {
            for (int u = Math.max(0, x - depth); u <= Math.min(width - 1, x + depth); u++) {
                if (heat[v * width + u] < 1) {
                    return true;
                }
            }
        }
        return false;
    }

    static void paint(byte[] rgb, int pixel, int[] colour) {
        for (int c = 0; c < 3; c++) {
            rgb[3 * pixel + c] = (byte) colour[c];
        }
    }

    static int[] contourColour() {
        return CONTOUR_RGB.clone();
    }
}
