package dev.loupe.imaging;

import dev.loupe.imaging.PlanarImage.AffineMap;
import java.util.Arrays;
import java.util.Random;

/**
 * A few operations that are drawn for each image from a fixed list, all of the same strength, with the operations and
 * ranges of torchvision's {@code RandAugment}. Geometric ones interpolate bilinearly and repeat the pixels at the border.
 *
 * <p>Source: Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", NeurIPS 2020.
 *
 * @param operations number of operations for each image, 0 to {@value #MAX_OPERATIONS}
 * @param magnitude strength of the operations, 0 to 1
 */
public record RandAugment(int operations, double magnitude) {
    /** Most operations for an image. */
    public static final int MAX_OPERATIONS = 10;

    /** Changes nothing. */
    public static final RandAugment NONE = new RandAugment(0, 0);

    private static final int CHANNELS = 3;
    private static final int LEVELS = 256;
    private static final double MAX_SHEAR = .3;
    private static final double MAX_SHIFT = 150 / 331.0;
    private static final double MAX_DEGREES = 30;
    private static final double MAX_FACTOR = .9;
    private static final int MAX_LOST_BITS = 4;

    /** An operation of the list. */
    enum Operation {
        IDENTITY,
        SHEAR_X,
        SHEAR_Y,
        TRANSLATE_X,
        TRANSLATE_Y,
        ROTATE,
        BRIGHTNESS,
        COLOR,
        CONTRAST,
        SHARPNESS,
        POSTERIZE,
        SOLARIZE,
        AUTOCONTRAST,
        EQUALIZE
    }

    public RandAugment {
        if (operations < 0 || operations > MAX_OPERATIONS) {
            throw new IllegalArgumentException(
                    "augmentation: randAugment must be from 0 to " + MAX_OPERATIONS + " operations, got " + operations);
        }
        if (!(magnitude >= 0 && magnitude <= 1)) {
            throw new IllegalArgumentException("augmentation: magnitude must be from 0 to 1, got " + magnitude);
        }
    }

    /** Returns the changed image, which may be the same array. */
    float[] apply(float[] image, int width, int height, Random random) {
        float[] changed = image;
        for (int i = 0; i < operations; i++) {
            Operation operation = Operation.values()[random.nextInt(Operation.values().length)];
            double signed = random.nextBoolean() ? -magnitude : magnitude;
            changed = apply(operation, changed, width, height, signed);
        }
        return changed;
    }

    /**
     * Applies one operation.
     *
     * @param strength -1 to 1; the sign matters for the geometric operations and for the four that scale by a factor
     */
    static float[] apply(Operation operation, float[] image, int width, int height, double strength) {
        double factor = 1 + MAX_FACTOR * strength;
        double turn = Math.toRadians(MAX_DEGREES * strength);
        return switch (operation) {
            case IDENTITY -> image;
            case SHEAR_X -> warped(image, width, height, 1, MAX_SHEAR * strength, 0, 1);
            case SHEAR_Y -> warped(image, width, height, 1, 0, MAX_SHEAR * strength, 1);
            case ROTATE ->
                warped(image, width, height, Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn));
            case TRANSLATE_X -> shifted(image, width, height, MAX_SHIFT * strength * width, 0);
            case TRANSLATE_Y -> shifted(image, width, height, 0, MAX_SHIFT * strength * height);
            case BRIGHTNESS -> blended(image, factor, new float[width * height]);
            case COLOR -> blended(image, factor, PlanarImage.luma(image));
            case CONTRAST -> blended(image, factor, mean(PlanarImage.luma(image)));
            case SHARPNESS -> blended(image, factor, smoothed(image, width, height));
            case POSTERIZE -> posterized(image, (int) Math.round(MAX_LOST_BITS * Math.abs(strength)));
            case SOLARIZE -> solarized(image, 1 - Math.abs(strength));
            case AUTOCONTRAST -> stretched(image);
            case EQUALIZE -> equalized(image);
        };
    }

    private static float[] warped(float[] image, int width, int height, double xx, double xy, double yx, double yy) {
        return PlanarImage.warped(image, width, height, new AffineMap(xx, xy, yx, yy, 0, 0));
    }

    private static float[] shifted(float[] image, int width, int height, double shiftX, double shiftY) {
        return PlanarImage.warped(image, width, height, new AffineMap(1, 0, 0, 1, shiftX, shiftY));
    }

    private static float[] blended(float[] image, double factor, float[] other) {
        float[] copy = image.clone();
        PlanarImage.blend(copy, factor, other);
        return copy;
    }

    private static float[] mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        float[] mean = new float[values.length];
        Arrays.fill(mean, (float) (sum / values.length));
        return mean;
    }

    /** Each pixel inside the border becomes the mean of its neighbours and five times itself. */
    private static float[] smoothed(float[] image, int width, int height) {
        float[] result = image.clone();
        int plane = width * height;
        for (int c = 0; c < CHANNELS; c++) {
            for (int y = 1; y < height - 1; y++) {
                for (int x = 1; x < width - 1; x++) {
                    int pixel = c * plane + y * width + x;
                    float sum = 4 * image[pixel];
                    for (int row = -width; row <= width; row += width) {
                        sum += image[pixel + row - 1] + image[pixel + row] + image[pixel + row + 1];
                    }
                    result[pixel] = sum / 13;
                }
            }
        }
        return result;
    }

    private static float[] posterized(float[] image, int lostBits) {
        float[] result = new float[image.length];
        for (int i = 0; i < image.length; i++) {
            result[i] = (float) (level(image[i]) >> lostBits << lostBits) / (LEVELS - 1);
        }
        return result;
    }

    private static float[] solarized(float[] image, double threshold) {
        float[] result = image.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] = result[i] >= threshold ? 1 - result[i] : result[i];
        }
        return result;
    }

    /** Each channel's smallest value becomes 0 and its largest 1. */
    private static float[] stretched(float[] image) {
        float[] result = image.clone();
        int plane = image.length / CHANNELS;
        for (int from = 0; from < image.length; from += plane) {
            float least = Float.POSITIVE_INFINITY;
            float most = Float.NEGATIVE_INFINITY;
            for (int i = from; i < from + plane; i++) {
                least = Math.min(least, image[i]);
                most = Math.max(most, image[i]);
            }
            for (int i = from; most > least && i < from + plane; i++) {
                result[i] = (image[i] - least) / (most - least);
            }
        }
        return result;
    }

    /** Histogram equalization of each channel in 256 levels, with Pillow's rule. */
    private static float[] equalized(float[] image) {
        float[] result = image.clone();
        int plane = image.length / CHANNELS;
        for (int from = 0; from < image.length; from += plane) {
            int[] counts = new int[LEVELS];
            for (int i = from; i < from + plane; i++) {
                counts[level(image[i])]++;
            }
            int last = LEVELS - 1;
            while (counts[last] == 0) {
                last--;
            }
            int step = (plane - counts[last]) / (LEVELS - 1);
            if (step == 0) {
                continue;
            }
            int[] levels = new int[LEVELS];
            int before = step / 2;
            for (int level = 0; level < LEVELS; level++) {
                levels[level] = Math.min(LEVELS - 1, before / step);
                before += counts[level];
            }
            for (int i = from; i < from + plane; i++) {
                result[i] = (float) levels[level(image[i])] / (LEVELS - 1);
            }
        }
        return result;
    }

    private static int level(float value) {
        return Math.round((LEVELS - 1) * value);
    }
}
