package dev.loupe.imaging;

import static org.bytedeco.opencv.global.opencv_core.BORDER_REFLECT_101;
import static org.bytedeco.opencv.global.opencv_core.merge;
import static org.bytedeco.opencv.global.opencv_core.split;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_GRAY2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_Lab2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2GRAY;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2Lab;
import static org.bytedeco.opencv.global.opencv_imgproc.GaussianBlur;
import static org.bytedeco.opencv.global.opencv_imgproc.bilateralFilter;
import static org.bytedeco.opencv.global.opencv_imgproc.createCLAHE;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.medianBlur;
import static org.bytedeco.opencv.global.opencv_photo.fastNlMeansDenoisingColored;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * What is done to an image besides resizing and normalising it, the same way in training and in serving. In this order:
 * the margins are cut off, the image is resized, noise is removed, the local contrast is equalised, colours are removed.
 * Noise is removed from the resized image, so that the cost does not depend on the size of the file.
 *
 * @param margins what is cut off at the sides, which leaves the region of interest
 * @param fit how an image of another aspect ratio becomes the input
 * @param denoise how noise is removed
 * @param clahe whether the local contrast of the lightness is equalised: CLAHE (Zuiderveld, Graphics Gems IV, 1994), 8
 *     × 8 tiles, clip limit 2
 * @param grey whether each pixel gets its luma (ITU-R BT.601) in all three channels
 */
public record ImagePreparation(Margins margins, Fit fit, Denoise denoise, boolean clahe, boolean grey) {
    /** Nothing but resizing, without keeping the aspect ratio. */
    public static final ImagePreparation NONE =
            new ImagePreparation(Margins.NONE, Fit.STRETCH, Denoise.NONE, false, false);

    private static final double CLIP_LIMIT = 2;
    private static final int TILES = 8;

    public ImagePreparation {
        margins = margins == null ? Margins.NONE : margins;
        fit = fit == null ? Fit.STRETCH : fit;
        denoise = denoise == null ? Denoise.NONE : denoise;
    }

    /** How an image of another aspect ratio becomes the input. */
    public enum Fit {
        /** The sides are resized independently. */
        STRETCH,
        /** The whole image, in the middle; the rest is grey (127). */
        PAD,
        /** The middle of the image, as much of it as fits. */
        CROP;

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How noise is removed. */
    public enum Denoise {
        NONE,
        /** Gaussian blur of 3 × 3 pixels with standard deviation 0.8. */
        GAUSSIAN,
        /** Median of 3 × 3 pixels. */
        MEDIAN,
        /** Bilateral filter of 5 pixels' diameter, with standard deviations of 25 (colour) and 2 (space). */
        BILATERAL,
        /** Non-local means with strength 5, patches of 7 × 7 pixels in windows of 21 × 21. */
        NON_LOCAL_MEANS;

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Shares of the width or height that are cut off at a side, each 0 or more; at least a tenth of the image is left.
     *
     * @param left share of the width
     * @param top share of the height
     * @param right share of the width
     * @param bottom share of the height
     */
    public record Margins(double left, double top, double right, double bottom) {
        /** The whole image. */
        public static final Margins NONE = new Margins(0, 0, 0, 0);

        /** Largest sum of two opposite margins. */
        private static final double MOST = 0.9;

        public Margins {
            // Not "less than", so that NaN is refused.
            if (!(left >= 0 && top >= 0 && right >= 0 && bottom >= 0)
                    || !(left + right <= MOST)
                    || !(top + bottom <= MOST)) {
                throw new IllegalArgumentException(
                        "margins must be 0 or greater and leave at least a tenth of the image, got left " + left
                                + ", top " + top + ", right " + right + ", bottom " + bottom);
            }
        }

        /**
         * Equal ones at all sides.
         *
         * @param share share of the width and of the height that is left, in the middle, 0.1..1
         */
        public static Margins around(double share) {
            double margin = (1 - share) / 2;
            return new Margins(margin, margin, margin, margin);
        }

        /** Number of pixels that are left of so many columns, at least 1. */
        long width(long columns) {
            return Math.max(1, Math.round(columns * (1 - left - right)));
        }

        /** Number of pixels that are left of so many rows, at least 1. */
        long height(long rows) {
            return Math.max(1, Math.round(rows * (1 - top - bottom)));
        }

        /**
         * First pixel of what is left.
         *
         * @param pixels number of columns, or of rows
         * @param left number of them that are left
         * @param margin share that is cut off before them
         */
        static long begin(long pixels, long left, double margin) {
            return Math.min(Math.round(pixels * margin), pixels - left);
        }

        Mat cut(Mat rgb) {
            if (equals(NONE)) {
                return rgb;
            }
            int width = (int) width(rgb.cols());
            int height = (int) height(rgb.rows());
            int x = (int) begin(rgb.cols(), width, left);
            int y = (int) begin(rgb.rows(), height, top);
            return rgb.apply(new Rect(x, y, width, height)).clone();
        }
    }

    /** Removes noise, equalises the contrast, removes colours: RGB to RGB of the same size. */
    Mat finish(Mat rgb) {
        Mat image = denoised(rgb);
        if (clahe) {
            image = equalised(image);
        }
        if (grey) {
            Mat luma = new Mat();
            cvtColor(image, luma, COLOR_RGB2GRAY);
            Mat three = new Mat();
            cvtColor(luma, three, COLOR_GRAY2RGB);
            image = three;
        }
        return image;
    }

    private Mat denoised(Mat rgb) {
        Mat to = new Mat();
        switch (denoise) {
            case NONE -> {
                return rgb;
            }
            case GAUSSIAN -> GaussianBlur(rgb, to, new Size(3, 3), 0.8, 0.8, BORDER_REFLECT_101, 0);
            case MEDIAN -> medianBlur(rgb, to, 3);
            case BILATERAL -> bilateralFilter(rgb, to, 5, 25, 2);
            case NON_LOCAL_MEANS -> fastNlMeansDenoisingColored(rgb, to, 5, 5, 7, 21);
        }
        return to;
    }

    private static Mat equalised(Mat rgb) {
        Mat lab = new Mat();
        cvtColor(rgb, lab, COLOR_RGB2Lab);
        MatVector channels = new MatVector();
        split(lab, channels);
        Mat lightness = new Mat();
        createCLAHE(CLIP_LIMIT, new Size(TILES, TILES)).apply(channels.get(0), lightness);
        channels.put(0, lightness);
        merge(channels, lab);
        Mat to = new Mat();
        cvtColor(lab, to, COLOR_Lab2RGB);
        return to;
    }
}
