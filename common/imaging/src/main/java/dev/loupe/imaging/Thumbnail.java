package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2BGR;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** Small JPEGs of images, for overviews. The same image gets the same bytes each time. Thread-safe. */
public final class Thumbnail {
    private static final int JPEG_QUALITY = 85;

    private Thumbnail() {}

    /**
     * Encodes a reduced copy of an image as JPEG: upright, with its aspect ratio, averaged over areas. An image that is
     * smaller than requested keeps its size.
     *
     * @param encoded image in any format that {@link ImageDecoder} reads
     * @param longestSide longest side of the result in pixels
     * @throws UnsupportedImageException if its format or variant is not supported, or it exceeds the limits
     * @throws DamagedImageException if it is incomplete
     * @throws DecoderBusyException if other images use the memory
     */
    public static byte[] jpeg(byte[] encoded, int longestSide) {
        return ImageDecoder.decode(
                encoded,
                image -> ImageDecoder.reduction(Math.max(image.width(), image.height()), longestSide),
                rgb -> jpeg(OpenCv.reduced(rgb, longestSide)));
    }

    private static byte[] jpeg(Mat rgb) {
        Mat bgr = new Mat();
        cvtColor(rgb, bgr, COLOR_RGB2BGR);
        BytePointer jpeg = new BytePointer();
        if (!imencode(".jpg", bgr, jpeg, new IntPointer(IMWRITE_JPEG_QUALITY, JPEG_QUALITY))) {
            throw new IllegalStateException("OpenCV cannot encode the thumbnail as JPEG");
        }
        byte[] bytes = new byte[(int) jpeg.limit()];
        jpeg.get(bytes);
        return bytes;
    }
}
