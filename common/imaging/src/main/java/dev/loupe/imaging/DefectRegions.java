package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgproc.connectedComponents;

import java.util.Arrays;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * The regions of a defect mask: its defective pixels, those that touch each other at a side or a corner together.
 *
 * @param width number of pixels from left to right
 * @param height number of pixels from top to bottom
 * @param pixels region of each pixel, from 1, row by row; 0 for a pixel without a defect; must not be modified
 * @param count number of regions
 */
public record DefectRegions(int width, int height, int[] pixels, int count) {
    /**
     * Reads a mask. A pixel is defective if it is not black, as in {@link DefectMask}. A mask of more pixels than allowed
     * is reduced by the least whole divisor of its sides that makes it fit; a pixel of it is defective if one that it
     * stands for is, so that small defects remain.
     *
     * @param encoded mask in any format that {@link ImageDecoder} reads
     * @param maxPixels most pixels of the result, at least 1
     * @throws UnsupportedImageException if its format or variant is not supported, or it exceeds the limits
     * @throws DamagedImageException if it is incomplete
     * @throws DecoderBusyException if other images use the memory
     */
    public static DefectRegions read(byte[] encoded, int maxPixels) {
        return ImageDecoder.decode(encoded, _ -> 1, rgb -> of(DefectMask.mask(rgb), maxPixels));
    }

    /** Divisor of the sides of an image that leaves at most so many pixels. */
    public static int divisor(int width, int height, int maxPixels) {
        int divisor = 1;
        while ((long) Math.ceilDiv(width, divisor) * Math.ceilDiv(height, divisor) > maxPixels) {
            divisor++;
        }
        return divisor;
    }

    private static DefectRegions of(Mat mask, int maxPixels) {
        int divisor = divisor(mask.cols(), mask.rows(), maxPixels);
        int width = Math.ceilDiv(mask.cols(), divisor);
        int height = Math.ceilDiv(mask.rows(), divisor);
        byte[] defective = new byte[width * height];
        byte[] row = new byte[mask.cols()];
        for (int y = 0; y < mask.rows(); y++) {
            mask.ptr(y).get(row);
            for (int x = 0; x < row.length; x++) {
                if (row[x] != 0) {
                    defective[y / divisor * width + x / divisor] = 1;
                }
            }
        }
        return of(width, height, defective);
    }

    /**
     * Finds the regions.
     *
     * @param defective for each pixel, row by row, 0 or another value for a defect
     */
    public static DefectRegions of(int width, int height, byte[] defective) {
        OpenCv.load();
        try (PointerScope scope = new PointerScope()) {
            Mat mask = new Mat(height, width, CV_8UC1);
            mask.data().put(defective);
            Mat labels = new Mat();
            int count = connectedComponents(mask, labels) - 1; // 8-connected; 0 is the background
            int[] pixels = new int[width * height];
            new IntPointer(labels.data()).get(pixels);
            return new DefectRegions(width, height, pixels, count);
        }
    }

    /** Number of pixels of each region; index 0: of those without a defect. */
    public int[] sizes() {
        int[] sizes = new int[count + 1];
        Arrays.stream(pixels).forEach(region -> sizes[region]++);
        return sizes;
    }
}
