package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_64F;
import static org.bytedeco.opencv.global.opencv_core.dct;
import static org.bytedeco.opencv.global.opencv_core.mean;
import static org.bytedeco.opencv.global.opencv_core.meanStdDev;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2GRAY;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.Laplacian;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.util.Arrays;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Measures images. All measures are of the grey image (BT.601) whose longest side is at most {@value #LONGEST_SIDE}
 * pixels, so those of a photo do not depend on the resolution of its camera. An image that is smaller is not enlarged.
 *
 * <p>The hashes are those of the Python library imagehash (`phash` and `dhash` of 8 x 8 bits), with the bit of the top
 * left corner as the most significant one. Because areas are averaged here to reduce an image, and imagehash uses a
 * Lanczos filter, some bits may differ. Thread-safe.
 */
public final class ImageMeasurement {
    /** Longest side of the image that is measured, in pixels. */
    public static final int LONGEST_SIDE = 512;
    /** Largest grey value of a pixel that counts as black. */
    public static final int DARK = 5;
    /** Smallest grey value of a pixel that counts as white. */
    public static final int BRIGHT = 250;

    private static final int HASH_SIDE = 8;
    private static final int DCT_SIDE = 32;

    private ImageMeasurement() {}

    /**
     * Measures an image, after decoding it completely.
     *
     * @param encoded image in any format that {@link ImageDecoder} reads
     * @throws UnsupportedImageException if its format or variant is not supported, or it exceeds the limits
     * @throws DamagedImageException if it is incomplete
     * @throws DecoderBusyException if other images use the memory
     */
    public static ImageProperties measure(byte[] encoded) {
        ImageInspection inspection = ImageDecoder.header(encoded);
        return ImageDecoder.decode(
                encoded,
                image -> ImageDecoder.reduction(Math.max(image.width(), image.height()), LONGEST_SIDE),
                rgb -> measure(inspection, OpenCv.reduced(rgb, LONGEST_SIDE)));
    }

    private static ImageProperties measure(ImageInspection inspection, Mat rgb) {
        Mat grey = new Mat();
        cvtColor(rgb, grey, COLOR_RGB2GRAY);
        byte[] pixels = bytes(grey);
        int dark = 0;
        int bright = 0;
        for (byte pixel : pixels) {
            int value = Byte.toUnsignedInt(pixel);
            dark += value <= DARK ? 1 : 0;
            bright += value >= BRIGHT ? 1 : 0;
        }
        return new ImageProperties(
                inspection,
                perceptualHash(grey),
                differenceHash(grey),
                mean(grey).get(0),
                (double) dark / pixels.length,
                (double) bright / pixels.length,
                sharpness(grey));
    }

    /** Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000). */
    private static double sharpness(Mat grey) {
        Mat edges = new Mat();
        Laplacian(grey, edges, CV_64F);
        Mat centre = new Mat();
        Mat deviation = new Mat();
        meanStdDev(edges, centre, deviation);
        double value = new DoublePointer(deviation.data()).get();
        return value * value;
    }

    private static long perceptualHash(Mat grey) {
        Mat small = resized(grey, DCT_SIDE, DCT_SIDE);
        Mat values = new Mat();
        small.convertTo(values, CV_32F);
        Mat frequencies = new Mat();
        dct(values, frequencies);
        float[] all = new float[DCT_SIDE * DCT_SIDE];
        new FloatPointer(frequencies.data()).get(all);
        float[] lowest = new float[HASH_SIDE * HASH_SIDE];
        for (int row = 0; row < HASH_SIDE; row++) {
            System.arraycopy(all, row * DCT_SIDE, lowest, row * HASH_SIDE, HASH_SIDE);
        }
        float[] sorted = lowest.clone();
        Arrays.sort(sorted);
        float median = (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
        long hash = 0;
        for (float value : lowest) {
            hash = hash << 1 | (value > median ? 1 : 0);
        }
        return hash;
    }

    private static long differenceHash(Mat grey) {
        int columns = HASH_SIDE + 1;
        byte[] small = bytes(resized(grey, columns, HASH_SIDE));
        long hash = 0;
        for (int i = 0; i < small.length; i++) {
            if (i % columns > 0) {
                boolean grows = Byte.toUnsignedInt(small[i]) > Byte.toUnsignedInt(small[i - 1]);
                hash = hash << 1 | (grows ? 1 : 0);
            }
        }
        return hash;
    }

    private static Mat resized(Mat grey, int width, int height) {
        Mat small = new Mat();
        resize(grey, small, new Size(width, height), 0, 0, INTER_AREA);
        return small;
    }

    private static byte[] bytes(Mat grey) {
        byte[] bytes = new byte[grey.rows() * grey.cols()];
        grey.data().get(bytes);
        return bytes;
    }
}
