package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static final int WIDTH = 9;
    private static final int HEIGHT = 7;
    private static final Augmentation ALL =
            new Augmentation(true, true, 30, .1, .2, .3, .3, .3, .1, 1, 2, .1, new RandAugment(2, .5));

    @Test
    void nothingChangesWithoutChanges() {
        assertArrayEquals(image(), Augmentation.NONE.apply(image(), WIDTH, HEIGHT, new Random(0)));
    }

    @Test
    void theSameRandomNumbersGiveTheSameImage() {
        float[] one = ALL.apply(image(), WIDTH, HEIGHT, new Random(5));
        assertArrayEquals(one, ALL.apply(image(), WIDTH, HEIGHT, new Random(5)));
        assertFalse(Arrays.equals(one, ALL.apply(image(), WIDTH, HEIGHT, new Random(6))));
        for (float value : one) {
            assertTrue(value >= 0 && value <= 1);
        }
    }

    @Test
    void halfOfTheImagesAreMirrored() {
        Augmentation flips = new Augmentation(true, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, RandAugment.NONE);
        float[] mirrored = new float[image().length];
        for (int i = 0; i < mirrored.length; i++) {
            mirrored[i] = image()[i / WIDTH * WIDTH + WIDTH - 1 - i % WIDTH];
        }
        int count = 0;
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            float[] result = flips.apply(image(), WIDTH, HEIGHT, random);
            boolean flipped = Arrays.equals(result, mirrored);
            assertTrue(flipped || Arrays.equals(result, image()));
            count += flipped ? 1 : 0;
        }
        assertEquals(100, count, 35); // five standard deviations
    }

    /** A constant image stays as it is under all geometric changes, since the border is repeated. */
    @Test
    void geometryKeepsAConstantImage() {
        float[] constant = new float[image().length];
        Arrays.fill(constant, .25f);
        Augmentation geometry = new Augmentation(true, true, 180, .5, 1, 0, 0, 0, 0, 0, 0, 0, RandAugment.NONE);
        assertArrayEquals(constant, geometry.apply(constant, WIDTH, HEIGHT, new Random(3)), 1e-6f);
    }

    @Test
    void brightnessIsAFactor() {
        Augmentation brighter = new Augmentation(false, false, 0, 0, 0, .4, 0, 0, 0, 0, 0, 0, RandAugment.NONE);
        double factor = 1 + .4 * (2 * new Random(9).nextDouble() - 1);
        float[] result = brighter.apply(image(), WIDTH, HEIGHT, new Random(9));
        for (int i = 0; i < result.length; i++) {
            assertEquals(Math.min(1, factor * image()[i]), result[i], 1e-6);
        }
    }

    @Test
    void saturationAndHueKeepTheBrightnessOfMutedColours() {
        float[] muted = image();
        for (int i = 0; i < muted.length; i++) {
            muted[i] = .4f + .2f * muted[i];
        }
        Augmentation colour = new Augmentation(false, false, 0, 0, 0, 0, 0, 1, .5, 0, 0, 0, RandAugment.NONE);
        float[] result = colour.apply(muted, WIDTH, HEIGHT, new Random(2));
        int plane = WIDTH * HEIGHT;
        for (int p = 0; p < plane; p++) {
            assertEquals(luma(muted, p, plane), luma(result, p, plane), 2e-3);
        }
    }

    @Test
    void erasingMakesARectangleGrey() {
        Augmentation erasing = new Augmentation(false, false, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, RandAugment.NONE);
        float[] dark = new float[3 * 100 * 100];
        for (int seed = 0; seed < 20; seed++) {
            float[] result = erasing.apply(dark, 100, 100, new Random(seed));
            int grey = 0;
            for (float value : result) {
                assertTrue(value == 0 || value == .5f);
                grey += value == .5f ? 1 : 0;
            }
            double area = grey / 3e4;
            assertTrue(area > .01 && area < .36, "area " + area);
        }
    }

    @Test
    void blurSpreadsAPointAsAGaussian() {
        int side = 31;
        float[] point = new float[3 * side * side];
        int centre = side / 2 * side + side / 2;
        point[centre] = 1;
        double deviation = 2;
        float[] result = PlanarImage.blurred(point, side, side, deviation);
        double sum = 0;
        for (int i = 0; i < side * side; i++) {
            sum += result[i];
        }
        assertEquals(1, sum, 1e-5);
        assertEquals(Math.exp(-9 / (2 * deviation * deviation)), result[centre + 3] / result[centre], 1e-5);
        assertEquals(Math.exp(-4 / (2 * deviation * deviation)), result[centre - 2 * side] / result[centre], 1e-5);
    }

    @Test
    void noiseHasAtMostTheGivenDeviation() {
        Augmentation noisy = new Augmentation(false, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, .1, RandAugment.NONE);
        float[] grey = new float[3 * 64 * 64];
        Arrays.fill(grey, .5f);
        double largest = 0;
        for (int seed = 0; seed < 20; seed++) {
            double squares = 0;
            for (float value : noisy.apply(grey, 64, 64, new Random(seed))) {
                squares += (value - .5) * (value - .5);
            }
            largest = Math.max(largest, Math.sqrt(squares / grey.length));
        }
        assertTrue(largest > .07 && largest < .103, "largest deviation " + largest);
    }

    @Test
    void refusesValuesOutOfRange() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Augmentation(false, false, 0, 0, 0, 0, 0, 0, .6, 0, 0, 0, RandAugment.NONE));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Augmentation(false, false, Double.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0, RandAugment.NONE));
    }

    private static double luma(float[] image, int pixel, int plane) {
        return .299 * image[pixel] + .587 * image[plane + pixel] + .114 * image[2 * plane + pixel];
    }

    private static float[] image() {
        float[] image = new float[3 * WIDTH * HEIGHT];
        Random random = new Random(1);
        for (int i = 0; i < image.length; i++) {
            image[i] = random.nextFloat();
        }
        return image;
    }
}
