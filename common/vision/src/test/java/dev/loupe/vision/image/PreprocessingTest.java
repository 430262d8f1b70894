package dev.loupe.vision.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PreprocessingTest {
    private static final float[] ZERO = {0, 0, 0};
    private static final float[] ONE = {1, 1, 1};

    private static Pixels picture(int width, int height, int... greys) {
        byte[] rgb = new byte[3 * greys.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) greys[i / 3];
        }
        return new Pixels(width, height, rgb);
    }

    private static float[] red(Preprocessing preprocessing, Pixels picture) {
        float[] input = preprocessing.apply(picture);
        assertEquals(3 * preprocessing.width() * preprocessing.height(), input.length);
        return java.util.Arrays.copyOf(input, input.length / 3);
    }

    @Test
    void coloursBecomePlanesOfScaledAndStandardisedValues() {
        Preprocessing imageNet = new Preprocessing(
                2, 1, 255, new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
        float[] input = imageNet.apply(new Pixels(2, 1, new byte[] {0, 51, 102, (byte) 153, (byte) 204, (byte) 255}));
        float[] expected = {
            -0.485f / 0.229f, (0.6f - 0.485f) / 0.229f,
            (0.2f - 0.456f) / 0.224f, (0.8f - 0.456f) / 0.224f,
            (0.4f - 0.406f) / 0.225f, (1 - 0.406f) / 0.225f
        };
        assertArrayEquals(expected, input, 1e-5f);
    }

    @Test
    void aShrinkingSideIsAveraged() {
        Pixels four = picture(4, 2, 0, 10, 100, 200, 20, 30, 40, 60);
        assertArrayEquals(new float[] {15, 100}, red(new Preprocessing(2, 1, 1, ZERO, ONE), four));
    }

    @Test
    void aGrowingSideIsInterpolated() {
        // Half-pixel centres: a quarter and three quarters of the way between two pixels.
        assertArrayEquals(
                new float[] {0, 25, 75, 100}, red(new Preprocessing(4, 1, 1, ZERO, ONE), picture(2, 1, 0, 100)));
    }

    @Test
    void whereOneSideShrinksAndOneGrowsItShrinksFirst() {
        Pixels tall = picture(2, 4, 0, 80, 20, 80, 40, 120, 60, 120);
        // Rows averaged to (10, 80) and (50, 120); then each row interpolated to four columns; halves go to the even.
        assertArrayEquals(
                new float[] {10, 28, 62, 80, 50, 68, 102, 120}, red(new Preprocessing(4, 2, 1, ZERO, ONE), tall));
    }

    @Test
    void sizesAndScalesThatMakeNoSenseAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Preprocessing(0, 1, 1, ZERO, ONE));
        assertThrows(IllegalArgumentException.class, () -> new Preprocessing(1, 1, 0, ZERO, ONE));
        assertThrows(IllegalArgumentException.class, () -> new Preprocessing(1, 1, 1, ZERO, ZERO));
        assertThrows(IllegalArgumentException.class, () -> new Preprocessing(1, 1, 1, new float[2], ONE));
        assertThrows(
                IllegalArgumentException.class, () -> new Preprocessing(1, 1, 1, new float[] {Float.NaN, 0, 0}, ONE));
    }
}
