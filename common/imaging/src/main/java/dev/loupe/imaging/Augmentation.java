package dev.loupe.imaging;

import dev.loupe.imaging.PlanarImage.AffineMap;
import java.util.Arrays;
import java.util.Random;

/**
 * Random changes of training images. The same source of random numbers gives the same image. All sizes are bounds: each
 * image gets values drawn uniformly from the range.
 *
 * <p>In this order: the geometric changes together, by bilinear interpolation, with the pixels at the border repeated
 * outside; the operations of RandAugment; brightness, contrast, saturation and hue with the definitions of torchvision
 * (hue as a rotation of chrominance); blur; noise; erasing.
 *
 * @param flipHorizontal whether half of the images are mirrored
 * @param flipVertical whether half of the images are turned upside down
 * @param rotation degrees to either side, 0 to 180
 * @param translation shift as a share of the side, 0 to less than 1
 * @param zoom s for a factor from 1 / (1 + s) to 1 + s
 * @param brightness b for a factor from 1 - b to 1 + b, 0 to 1
 * @param contrast c for a factor from 1 - c to 1 + c, 0 to 1
 * @param saturation s for a factor from 1 - s to 1 + s, 0 to 1
 * @param hue share of the colour circle to either side, 0 to 0.5
 * @param erasing probability that a rectangle of 2 % to 33 % of the image becomes grey (Zhong et al., "Random Erasing Data
 *     Augmentation", AAAI 2020)
 * @param blur largest standard deviation of a Gaussian blur, in pixels, 0 to {@value #MAX_BLUR}
 * @param noise largest standard deviation of Gaussian noise that is added to each value, 0 to 1
 * @param randAugment operations that are drawn for each image
 */
public record Augmentation(
        boolean flipHorizontal,
        boolean flipVertical,
        double rotation,
        double translation,
        double zoom,
        double brightness,
        double contrast,
        double saturation,
        double hue,
        double erasing,
        double blur,
        double noise,
        RandAugment randAugment) {
    /** Changes nothing. */
    public static final Augmentation NONE =
            new Augmentation(false, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, RandAugment.NONE);

    /** Largest standard deviation of a blur, in pixels. */
    public static final double MAX_BLUR = 5;

    private static final float GREY = .5f;
    private static final double MIN_AREA = .02;
    private static final double MAX_AREA = 1 / 3.0;
    private static final double MAX_ASPECT = 3.3;
    private static final int CHANNELS = 3;

    public Augmentation {
        check("rotation", rotation, 180);
        check("translation", translation, 1);
        check("zoom", zoom, 10);
        check("brightness", brightness, 1);
        check("contrast", contrast, 1);
        check("saturation", saturation, 1);
        check("hue", hue, .5);
        check("erasing", erasing, 1);
        check("blur", blur, MAX_BLUR);
        check("noise", noise, 1);
    }

    private static void check(String name, double value, double most) {
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException(
                    "augmentation: " + name + " must be from 0 to " + most + ", got " + value);
        }
    }

    /**
     * Returns a changed copy.
     *
     * @param image [3, height, width], row-major, R then G then B, from 0 to 1
     */
    public float[] apply(float[] image, int width, int height, Random random) {
        float[] changed = randAugment.apply(moved(image, width, height, random), width, height, random);
        recolour(changed, random);
        if (blur > 0) {
            changed = PlanarImage.blurred(changed, width, height, blur * random.nextDouble());
        }
        if (noise > 0) {
            addNoise(changed, noise * random.nextDouble(), random);
        }
        if (erasing > 0 && random.nextDouble() < erasing) {
            erase(changed, width, height, random);
        }
        return changed;
    }

    private float[] moved(float[] image, int width, int height, Random random) {
        double mirrorX = flipHorizontal && random.nextBoolean() ? -1 : 1;
        double mirrorY = flipVertical && random.nextBoolean() ? -1 : 1;
        double angle = Math.toRadians(drawn(rotation, random));
        double shiftX = width * drawn(translation, random);
        double shiftY = height * drawn(translation, random);
        double factor = Math.exp(drawn(Math.log1p(zoom), random));
        // From a pixel of the result to its place in the image, both relative to the centre.
        double cos = Math.cos(angle) / factor;
        double sin = Math.sin(angle) / factor;
        return PlanarImage.warped(
                image,
                width,
                height,
                new AffineMap(mirrorX * cos, mirrorX * sin, -mirrorY * sin, mirrorY * cos, shiftX, shiftY));
    }

    private void recolour(float[] image, Random random) {
        if (brightness > 0) {
            PlanarImage.blend(image, 1 + drawn(brightness, random), new float[image.length / CHANNELS]);
        }
        if (contrast > 0) {
            float[] grey = PlanarImage.luma(image);
            double sum = 0;
            for (float value : grey) {
                sum += value;
            }
            Arrays.fill(grey, (float) (sum / grey.length));
            PlanarImage.blend(image, 1 + drawn(contrast, random), grey);
        }
        if (saturation > 0) {
            PlanarImage.blend(image, 1 + drawn(saturation, random), PlanarImage.luma(image));
        }
        if (hue > 0) {
            turn(image, 2 * Math.PI * drawn(hue, random));
        }
    }

    /** Turns I and Q of the colour space YIQ. */
    private static void turn(float[] image, double angle) {
        int plane = image.length / CHANNELS;
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        for (int p = 0; p < plane; p++) {
            double r = image[p];
            double g = image[plane + p];
            double b = image[2 * plane + p];
            double y = PlanarImage.LUMA[0] * r + PlanarImage.LUMA[1] * g + PlanarImage.LUMA[2] * b;
            double i = .5959 * r - .2746 * g - .3213 * b;
            double q = .2115 * r - .5227 * g + .3112 * b;
            double turnedI = cos * i - sin * q;
            double turnedQ = sin * i + cos * q;
            image[p] = PlanarImage.bounded(y + .956 * turnedI + .619 * turnedQ);
            image[plane + p] = PlanarImage.bounded(y - .272 * turnedI - .647 * turnedQ);
            image[2 * plane + p] = PlanarImage.bounded(y - 1.106 * turnedI + 1.703 * turnedQ);
        }
    }

    private static void addNoise(float[] image, double deviation, Random random) {
        for (int i = 0; i < image.length; i++) {
            image[i] = PlanarImage.bounded(image[i] + deviation * random.nextGaussian());
        }
    }

    private static void erase(float[] image, int width, int height, Random random) {
        double area = width * height * (MIN_AREA + (MAX_AREA - MIN_AREA) * random.nextDouble());
        double aspect = Math.exp(drawn(Math.log(MAX_ASPECT), random));
        int across = Math.clamp(Math.round(Math.sqrt(area * aspect)), 1, width);
        int down = Math.clamp(Math.round(Math.sqrt(area / aspect)), 1, height);
        int left = random.nextInt(width - across + 1);
        int top = random.nextInt(height - down + 1);
        for (int c = 0; c < CHANNELS; c++) {
            for (int y = top; y < top + down; y++) {
                int row = (c * height + y) * width;
                Arrays.fill(image, row + left, row + left + across, GREY);
            }
        }
    }

    private static double drawn(double bound, Random random) {
        return bound == 0 ? 0 : bound * (2 * random.nextDouble() - 1);
    }
}
