package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2BGR;
import static org.bytedeco.opencv.global.opencv_imgproc.FONT_HERSHEY_SIMPLEX;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_AA;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.getTextSize;
import static org.bytedeco.opencv.global.opencv_imgproc.putText;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Scalar;

/** The scale of a heatmap, from 0 to twice the threshold, on a white strip below the image. */
final class HeatmapLegend {
    /** Height of the strip below the image, in pixels. */
    static final int HEIGHT = 30;
    /**
     * Minimum width in pixels: a narrower image gets a white margin on the right, because the numbers need the space.
     */
    static final int MIN_WIDTH = 128;

    private static final int MARGIN = 4;
    private static final int BAR_HEIGHT = 10;
    private static final int[] GREY = {150, 150, 150};
    private static final double FONT_SCALE = 0.35;

    private HeatmapLegend() {}

    /** Returns the image with the legend below it, as B, G, R. */
    static Mat below(Pixels image, double threshold) {
        int width = Math.max(MIN_WIDTH, image.width());
        byte[] rgb = new byte[3 * width * (image.height() + HEIGHT)];
        Arrays.fill(rgb, (byte) 255);
        for (int y = 0; y < image.height(); y++) {
            System.arraycopy(image.rgb(), 3 * y * image.width(), rgb, 3 * y * width, 3 * image.width());
        }
        int barWidth = width - 2 * MARGIN;
        for (int y = 0; y < BAR_HEIGHT; y++) {
            byte[] line = barLine(barWidth, y == 0 || y == BAR_HEIGHT - 1);
            System.arraycopy(line, 0, rgb, 3 * ((image.height() + MARGIN + y) * width + MARGIN), line.length);
        }
        Mat drawn = new Mat();
        cvtColor(OpenCv.mat(width, image.height() + HEIGHT, rgb), drawn, COLOR_RGB2BGR);
        int baseline = image.height() + HEIGHT - MARGIN;
        write(drawn, "0", MARGIN, 0, baseline);
        write(drawn, "threshold " + figure(threshold), width / 2, 0.5, baseline);
        write(drawn, figure(2 * threshold), width - MARGIN, 1, baseline);
        return drawn;
    }

    /** Returns one row of the scale: heatmap colours on grey, none below the threshold, and a mark at the threshold. */
    private static byte[] barLine(int width, boolean edge) {
        byte[] rgb = new byte[3 * width];
        float[] heat = new float[width];
        for (int x = 0; x < width; x++) {
            Heatmap.paint(rgb, x, edge || x == 0 ? GREY : new int[] {225, 225, 225});
            heat[x] = 2f * x / (width - 1);
        }
        Heatmap.blend(rgb, heat);
        Heatmap.paint(rgb, width / 2, Heatmap.contourColour());
        Heatmap.paint(rgb, width / 2 - 1, Heatmap.contourColour());
        return rgb;
    }

    private static void write(Mat image, String text, int x, double anchor, int baseline) {
        int width = getTextSize(text, FONT_HERSHEY_SIMPLEX, FONT_SCALE, 1, new int[1])
                .width();
        Point at = new Point((int) (x - anchor * width), baseline);
        putText(image, text, at, FONT_HERSHEY_SIMPLEX, FONT_SCALE, new Scalar(40, 40, 40, 0), 1, LINE_AA, false);
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 1 ? "%.2f" : "%.3g", value);
    }
}
