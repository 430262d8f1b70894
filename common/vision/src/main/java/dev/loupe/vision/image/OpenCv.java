package dev.loupe.vision.image;

import static org.bytedeco.opencv.global.opencv_core.CV_16U;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_GRAY2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** The border to OpenCV: all matrices here are 8-bit RGB unless said otherwise, and belong to the caller's scope. */
final class OpenCv {
    static {
        Loader.load(opencv_imgcodecs.class);
        // Pictures are worked on side by side: threads inside one would only fight for the cores.
        opencv_core.setNumThreads(1);
    }

    private OpenCv() {}

    /** Loads the native library, once. */
    static void load() {
        // The static initializer does it.
    }

    /** From grey, BGR or BGRA of 8 or 16 bits. What is transparent shows white. */
    static Mat toRgb(Mat decoded) {
        Mat bytes = decoded;
        if (decoded.depth() == CV_16U) {
            bytes = new Mat();
            // Rounded, it is the high byte, which Pillow and libpng take: a package's user gets the same pixels.
            decoded.convertTo(bytes, CV_8U, 1 / 256.0, -0.498);
        }
        Mat rgb = new Mat();
        switch (bytes.channels()) {
            case 1 -> cvtColor(bytes, rgb, COLOR_GRAY2RGB);
            case 3 -> cvtColor(bytes, rgb, COLOR_BGR2RGB);
            case 4 -> {
                return onWhite(bytes);
            }
            default ->
                throw new UnsupportedImageException(
                        "a picture of " + bytes.channels() + " channels is not taken, expected grey, RGB or RGBA");
        }
        return rgb;
    }

    private static Mat onWhite(Mat bgra) {
        int size = bgra.rows() * bgra.cols();
        byte[] source = new byte[4 * size];
        new BytePointer(bgra.data()).get(source);
        byte[] rgb = new byte[3 * size];
        for (int i = 0; i < size; i++) {
            int alpha = source[4 * i + 3] & 0xFF;
            for (int c = 0; c < 3; c++) {
                int colour = source[4 * i + 2 - c] & 0xFF;
                rgb[3 * i + c] = (byte) ((colour * alpha + 255 * (255 - alpha) + 127) / 255);
            }
        }
        return mat(bgra.cols(), bgra.rows(), rgb);
    }

    /** BGR from any picture of the platform; what is transparent shows white. */
    static Mat toMat(BufferedImage image) {
        BufferedImage bgr = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D graphics = bgr.createGraphics();
        graphics.drawImage(image, 0, 0, Color.WHITE, null);
        graphics.dispose();
        return mat(
                bgr.getWidth(),
                bgr.getHeight(),
                ((DataBufferByte) bgr.getRaster().getDataBuffer()).getData());
    }

    static Mat mat(int width, int height, byte[] channels) {
        Mat mat = new Mat(height, width, CV_8UC3);
        mat.data().put(channels);
        return mat;
    }

    static Mat mat(Pixels pixels) {
        return mat(pixels.width(), pixels.height(), pixels.rgb());
    }

    static Pixels pixels(Mat rgb) {
        byte[] bytes = new byte[3 * rgb.rows() * rgb.cols()];
        rgb.data().get(bytes);
        return new Pixels(rgb.cols(), rgb.rows(), bytes);
    }
}
