package dev.loupe.vision.image;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLORMAP_INFERNO;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.applyColorMap;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Draws an anomaly map over its picture. A colour means the same in every picture of a model: from half the threshold on
 * the map begins to cover the picture, the threshold lies in the middle of the scale (red), twice the threshold and more
 * is its bright end. The colours are matplotlib's "inferno", whose lightness grows evenly.
 */
public final class Heatmap {
    /** Share of the picture's light that the brightest heat still lets through. */
    private static final double THINNEST = 0.25;

    private Heatmap() {}

    /**
     * Draws the overlay.
     *
     * @param picture that was looked at
     * @param map {@code mapHeight} rows of {@code mapWidth} values; covers the whole picture
     * @param threshold from which a picture is anomalous, greater than 0
     * @return PNG of the picture's size
     */
    public static byte[] png(Pixels picture, float[] map, int mapWidth, int mapHeight, double threshold) {
        if (map.length != mapWidth * mapHeight || map.length == 0) {
            throw new IllegalArgumentException(
                    "a map of " + mapWidth + " x " + mapHeight + " places with " + map.length + " values");
        }
        OpenCv.load();
        try (PointerScope scope = new PointerScope();
                Mat small = new Mat(mapHeight, mapWidth, CV_32F, new FloatPointer(map))) {
            Mat heat = new Mat();
            resize(small, heat, new Size(picture.width(), picture.height()), 0, 0, INTER_LINEAR);
            float[] values = new float[picture.width() * picture.height()];
            new FloatPointer(heat.data()).get(values);
            return encoded(blended(picture, shares(values, threshold)));
        }
    }

    /** Heat of each pixel as a byte: 128 at the threshold. */
    private static byte[] shares(float[] values, double threshold) {
        byte[] shares = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            double share = threshold > 0 ? values[i] / (2 * threshold) : 1;
            shares[i] = (byte) Math.round(255 * Math.clamp(share, 0, 1));
        }
        return shares;
    }

    private static Mat blended(Pixels picture, byte[] shares) {
        Mat heat = new Mat(picture.height(), picture.width(), CV_8UC1);
        heat.data().put(shares);
        Mat colours = new Mat();
        applyColorMap(heat, colours, COLORMAP_INFERNO);
        byte[] bgr = new byte[3 * shares.length];
        colours.data().get(bgr);
        byte[] rgb = picture.rgb();
        for (int i = 0; i < shares.length; i++) {
            double cover = (1 - THINNEST) * cover((shares[i] & 0xFF) / 255.0);
            for (int c = 0; c < 3; c++) {
                double light = (1 - cover) * (rgb[3 * i + 2 - c] & 0xFF) + cover * (bgr[3 * i + c] & 0xFF);
                bgr[3 * i + c] = (byte) Math.round(light);
            }
        }
        return OpenCv.mat(picture.width(), picture.height(), bgr);
    }

    /** Nothing up to half the threshold (a quarter of the scale), all from the threshold (half of it) on. */
    private static double cover(double share) {
        return Math.clamp((share - 0.25) / 0.25, 0, 1);
    }

    private static byte[] encoded(Mat bgr) {
        BytePointer png = new BytePointer();
        if (!imencode(".png", bgr, png)) {
            throw new IllegalStateException("OpenCV can't write a PNG");
        }
        byte[] bytes = new byte[(int) png.limit()];
        png.get(bytes);
        return bytes;
    }
}
