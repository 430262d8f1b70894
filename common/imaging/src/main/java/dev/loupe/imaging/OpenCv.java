package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.CV_16U;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.bitwise_not;
import static org.bytedeco.opencv.global.opencv_core.merge;
import static org.bytedeco.opencv.global.opencv_core.multiply;
import static org.bytedeco.opencv.global.opencv_core.split;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_PNG_COMPRESSION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_GRAY2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.nio.ByteBuffer;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/** Wrapper of OpenCV. All matrices are 8-bit RGB unless stated otherwise, and are owned by the caller's scope. */
final class OpenCv {
    /** Number of rows that are converted at a time, which limits the memory for intermediate results. */
    private static final int BAND = 128;

    static {
        // DecoderMemory limits the memory for decoding. JavaCPP's own limits are multiples of the heap, for all native
        // memory of the process, models included: above them it calls System.gc() for seconds and then throws
        // OutOfMemoryError.
        setIfAbsent("org.bytedeco.javacpp.maxBytes");
        setIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes");
        Loader.load(opencv_imgcodecs.class);
        // Images are processed in parallel: additional threads for one image would only compete for the cores.
        opencv_core.setNumThreads(1);
    }

    private OpenCv() {}

    private static void setIfAbsent(String unlimited) {
        if (System.getProperty(unlimited) == null) {
            System.setProperty(unlimited, "0");
        }
    }

    /** Loads the native library, once. */
    static void load() {
        // The static initializer loads it.
    }

    /** Number of bytes of an RGB image. */
    static long rgbBytes(long width, long height) {
        return 3 * width * height;
    }

    static long length(List<ByteBuffer> parts) {
        return parts.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /**
     * Encodes a matrix as PNG.
     *
     * @param bgr matrix with the channels in OpenCV's order
     * @param compression of zlib, 0 to 9
     */
    static byte[] png(Mat bgr, int compression) {
        BytePointer png = new BytePointer();
        if (!imencode(".png", bgr, png, new IntPointer(IMWRITE_PNG_COMPRESSION, compression))) {
            throw new IllegalStateException("OpenCV cannot encode the image as PNG");
        }
        byte[] bytes = new byte[(int) png.limit()];
        png.get(bytes);
        return bytes;
    }

    /**
     * Decodes a file that consists of parts.
     *
     * @param flags flags of OpenCV's imdecode
     * @throws DamagedImageException if OpenCV cannot decode it
     */
    static Mat decode(List<ByteBuffer> parts, int flags) {
        long length = length(parts);
        try (BytePointer pointer = new BytePointer(length)) {
            ByteBuffer file = pointer.asByteBuffer();
            parts.forEach(part -> file.put(part.duplicate()));
            try (Mat bytes = new Mat(1, Math.toIntExact(length), CV_8U, pointer)) {
                Mat decoded = imdecode(bytes, flags);
                if (decoded.empty()) {
                    throw new DamagedImageException("OpenCV cannot decode the image data");
                }
                return decoded;
            }
        }
    }

    /** Converts grey, BGR or BGRA of 8 or 16 bits. Transparent pixels become white. */
    static Mat toRgb(Mat decoded) {
        if (decoded.depth() != CV_8U && decoded.depth() != CV_16U) {
            throw new UnsupportedImageException("samples that are not integers of 8 or 16 bits are not supported");
        }
        Mat rgb = new Mat(decoded.rows(), decoded.cols(), CV_8UC3);
        for (int from = 0; from < decoded.rows(); from += BAND) {
            int to = Math.min(decoded.rows(), from + BAND);
            try (PointerScope scope = new PointerScope()) {
                band(decoded.rowRange(from, to), rgb.rowRange(from, to));
            }
        }
        return rgb;
    }

    private static void band(Mat decoded, Mat rgb) {
        Mat bytes = decoded;
        if (decoded.depth() == CV_16U) {
            bytes = new Mat();
            // After rounding, this is the high byte, as in Pillow and libpng: users of a package get the same pixels.
            decoded.convertTo(bytes, CV_8U, 1 / 256.0, -0.498);
        }
        switch (bytes.channels()) {
            case 1 -> cvtColor(bytes, rgb, COLOR_GRAY2RGB);
            case 3 -> cvtColor(bytes, rgb, COLOR_BGR2RGB);
            case 4 -> onWhite(bytes, rgb);
            default ->
                throw new UnsupportedImageException(
                        "image with " + bytes.channels() + " channels is not supported, expected grey, RGB or RGBA");
        }
    }

    private static void onWhite(Mat bgra, Mat rgb) {
        MatVector channels = new MatVector();
        split(bgra, channels);
        Mat alpha = channels.get(3);
        Mat white = new Mat();
        bitwise_not(alpha, white);
        MatVector colours = new MatVector(3);
        for (int c = 0; c < 3; c++) {
            Mat colour = channels.get(2 - c);
            multiply(colour, alpha, colour, 1 / 255.0, -1);
            opencv_core.add(colour, white, colour);
            colours.put(c, colour);
        }
        merge(colours, rgb);
    }

    /** Makes the pixels white that have this grey value in the decoded image. */
    static void whiten(Mat rgb, Mat decoded, double value) {
        try (PointerScope scope = new PointerScope()) {
            Mat transparent = opencv_core.equals(decoded, value).asMat();
            rgb.setTo(new Mat(1, 1, CV_8UC1, new Scalar(255)), transparent);
        }
    }

    /** Stretches values whose low bits are zero to 0..255. */
    static void stretch(Mat rgb, int... bits) {
        byte[] table = new byte[3 * 256];
        for (int i = 0; i < table.length; i++) {
            int unused = 8 - bits[i % 3];
            table[i] = (byte) Math.round(255.0 * (i / 3 >> unused) / (255 >> unused));
        }
        try (PointerScope scope = new PointerScope()) {
            opencv_core.LUT(rgb, mat(256, 1, table), rgb);
        }
    }

    /**
     * Averages an image over areas so that its longest side has this number of pixels. A smaller image is returned
     * unchanged.
     */
    static Mat reduced(Mat rgb, int longestSide) {
        double scale = (double) longestSide / Math.max(rgb.cols(), rgb.rows());
        if (scale >= 1) {
            return rgb;
        }
        int width = (int) Math.max(1, Math.round(rgb.cols() * scale));
        int height = (int) Math.max(1, Math.round(rgb.rows() * scale));
        Mat small = new Mat();
        resize(rgb, small, new Size(width, height), 0, 0, INTER_AREA);
        return small;
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
