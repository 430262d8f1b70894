package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.bitwise_not;
import static org.bytedeco.opencv.global.opencv_core.inRange;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;

/** Masks that show which pixels of an image are defective: those that are not black. Thread-safe. */
public final class DefectMask {
    private DefectMask() {}

    /**
     * Returns a mask in black and white, as a PNG with one channel. Masks of data sets often have low values, such as 1
     * or the number of a class, which look black.
     *
     * @param encoded mask in any format that {@link ImageDecoder} reads
     * @return PNG of the same size: 255 where a channel of the mask is greater than 0 after its conversion to 8 bits,
     *     else 0
     * @throws UnsupportedImageException if its format or variant is not supported, or it exceeds the limits
     * @throws DamagedImageException if it is incomplete
     * @throws DecoderBusyException if other images use the memory
     */
    public static byte[] blackAndWhite(byte[] encoded) {
        return ImageDecoder.decode(encoded, _ -> 1, DefectMask::png);
    }

    /** Returns the mask with one channel: 255 where a channel is greater than 0, else 0. */
    static Mat mask(Mat rgb) {
        Mat black = new Mat(1, 3, CV_8UC1, Scalar.all(0));
        Mat mask = new Mat();
        inRange(rgb, black, black, mask);
        bitwise_not(mask, mask);
        return mask;
    }

    private static byte[] png(Mat rgb) {
        Mat mask = mask(rgb);
        BytePointer png = new BytePointer();
        if (!imencode(".png", mask, png)) {
            throw new IllegalStateException("OpenCV cannot encode the mask as PNG");
        }
        byte[] bytes = new byte[(int) png.limit()];
        png.get(bytes);
        return bytes;
    }
}
