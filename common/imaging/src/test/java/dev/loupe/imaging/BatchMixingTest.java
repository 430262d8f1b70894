package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchMixingTest {
    private static final int SIDE = 8;
    private static final int LENGTH = 3 * SIDE * SIDE;

    @Test
    void targetsAreMixedInProportionToThePixels() {
        for (int seed = 0; seed < 40; seed++) {
            for (BatchMixing mixing : new BatchMixing[] {new BatchMixing(.4, 0), new BatchMixing(0, 1)}) {
                // Image i is i everywhere, and of class i.
                float[] images = new float[2 * LENGTH];
                Arrays.fill(images, LENGTH, 2 * LENGTH, 1);
                float[] targets = {1, 0, 0, 1};
                mixing.apply(images, targets, 2, SIDE, new Random(seed));
                assertEquals(mean(images, 0), targets[1], 1e-5);
                assertEquals(mean(images, LENGTH), targets[3], 1e-5);
                assertEquals(1, targets[0] + targets[1], 1e-6);
            }
        }
    }

    @Test
    void cutMixPastesWholePixels() {
        float[] images = new float[2 * LENGTH];
        Arrays.fill(images, LENGTH, 2 * LENGTH, 1);
        new BatchMixing(0, 1).apply(images, new float[] {1, 0, 0, 1}, 2, SIDE, new Random(4));
        for (float value : images) {
            assertTrue(value == 0 || value == 1);
        }
    }

    @Test
    void nothingIsMixedByDefault() {
        float[] images = {1, 2};
        float[] targets = {1, 0, 0, 1};
        BatchMixing.NONE.apply(images, targets, 2, 1, new Random(1));
        assertArrayEquals(new float[] {1, 2}, images);
        assertArrayEquals(new float[] {1, 0, 0, 1}, targets);
    }

    @Test
    void sharesOutOfRangeAreRefused() {
        for (double wrong : new double[] {-.1, 1.1, Double.NaN}) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> new BatchMixing(0, wrong))
                    .getMessage()
                    .contains("cutmix must be from 0 to 1"));
        }
    }

    private static double mean(float[] values, int from) {
        double sum = 0;
        for (int i = from; i < from + LENGTH; i++) {
            sum += values[i];
        }
        return sum / LENGTH;
    }
}
