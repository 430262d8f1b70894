package dev.loupe.imaging;

/** Pixel work on images of floats: [3, height, width], row-major, R then G then B, from 0 to 1. */
final class PlanarImage {
    static final float[] LUMA = {.299f, .587f, .114f};
    private static final int CHANNELS = 3;
    /** A Gaussian is cut off after so many standard deviations. */
    private static final double REACH = 3;

    private PlanarImage() {}

    /**
     * From a pixel of the result to its place in the image, both relative to the centre: {@code x' = xx * (x - shiftX) + xy
     * * (y - shiftY)}, and {@code y'} alike.
     */
    record AffineMap(double xx, double xy, double yx, double yy, double shiftX, double shiftY) {}

    /** The image under a map, by bilinear interpolation, with the pixels at the border repeated outside. */
    static float[] warped(float[] image, int width, int height, AffineMap map) {
        float[] result = new float[image.length];
        int plane = width * height;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double fromX = x - map.shiftX - (width - 1) / 2.0;
                double fromY = y - map.shiftY - (height - 1) / 2.0;
                double sourceX = map.xx * fromX + map.xy * fromY + (width - 1) / 2.0;
                double sourceY = map.yx * fromX + map.yy * fromY + (height - 1) / 2.0;
                for (int c = 0; c < CHANNELS; c++) {
                    result[c * plane + y * width + x] = interpolated(image, c * plane, width, height, sourceX, sourceY);
                }
            }
        }
        return result;
    }

    private static float interpolated(float[] image, int offset, int width, int height, double x, double y) {
        double inX = Math.clamp(x, 0, width - 1);
        double inY = Math.clamp(y, 0, height - 1);
        int left = (int) inX;
        int top = (int) inY;
        int right = Math.min(left + 1, width - 1);
        int bottom = Math.min(top + 1, height - 1);
        double shareX = inX - left;
        double shareY = inY - top;
        double upper = (1 - shareX) * image[offset + top * width + left] + shareX * image[offset + top * width + right];
        double lower =
                (1 - shareX) * image[offset + bottom * width + left] + shareX * image[offset + bottom * width + right];
        return (float) ((1 - shareY) * upper + shareY * lower);
    }

    /** Moves the image away from another of one channel, or towards it: {@code factor * image + (1 - factor) * other}. */
    static void blend(float[] image, double factor, float[] other) {
        for (int i = 0; i < image.length; i++) {
            image[i] = bounded(factor * image[i] + (1 - factor) * other[i % other.length]);
        }
    }

    static float[] luma(float[] image) {
        float[] luma = new float[image.length / CHANNELS];
        for (int i = 0; i < image.length; i++) {
            luma[i % luma.length] += LUMA[i / luma.length] * image[i];
        }
        return luma;
    }

    /** The image after a Gaussian blur, with the pixels at the border repeated outside. */
    static float[] blurred(float[] image, int width, int height, double deviation) {
        int radius = (int) Math.ceil(REACH * deviation);
        double[] kernel = new double[2 * radius + 1];
        double sum = 0;
        for (int i = 0; i < kernel.length; i++) {
            double distance = i - radius;
            kernel[i] = deviation == 0 ? 1 : Math.exp(-distance * distance / (2 * deviation * deviation));
            sum += kernel[i];
        }
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] /= sum;
        }
        return filtered(filtered(image, width, height, kernel, 1, 0), width, height, kernel, 0, 1);
    }

    private static float[] filtered(float[] image, int width, int height, double[] kernel, int stepX, int stepY) {
        float[] result = new float[image.length];
        int plane = width * height;
        int radius = kernel.length / 2;
        for (int i = 0; i < image.length; i++) {
            int offset = i / plane * plane;
            int x = i % width;
            int y = i % plane / width;
            double sum = 0;
            for (int k = -radius; k <= radius; k++) {
                int fromX = Math.clamp(x + (long) k * stepX, 0, width - 1);
                int fromY = Math.clamp(y + (long) k * stepY, 0, height - 1);
                sum += kernel[k + radius] * image[offset + fromY * width + fromX];
            }
            result[i] = bounded(sum);
        }
        return result;
    }

    static float bounded(double value) {
        return (float) Math.clamp(value, 0, 1);
    }
}
