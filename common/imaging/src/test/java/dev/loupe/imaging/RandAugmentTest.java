package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.imaging.RandAugment.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RandAugmentTest {
    private static final int WIDTH = 40;
    private static final int HEIGHT = 30;
    /** Pillow rounds grey values, and cuts blended ones to the level below. */
    private static final double TWO_LEVELS = 2.0 / 255;

    private record Case(Operation operation, double strength, float[] values) {
        @Override
        public String toString() {
            return operation + " " + strength;
        }
    }

    /** Written by src/test/python/randaugment.py, Pillow 13.0.0. */
    static List<Case> cases() throws IOException {
        try (InputStream file = RandAugmentTest.class.getResourceAsStream("randaugment.csv")) {
            return new String(file.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.split(","))
                    .map(cells -> new Case(
                            Operation.valueOf(cells[0]),
                            Double.parseDouble(cells[1]),
                            values(Arrays.copyOfRange(cells, 2, cells.length))))
                    .toList();
        }
    }

    private static float[] values(String[] cells) {
        float[] values = new float[cells.length];
        for (int i = 0; i < cells.length; i++) {
            values[i] = Integer.parseInt(cells[i]) / 255f;
        }
        return values;
    }

    private static float[] image() throws IOException {
        return cases().getFirst().values();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void operationEqualsPillows(Case expected) throws IOException {
        float[] changed = RandAugment.apply(expected.operation(), image(), WIDTH, HEIGHT, expected.strength());
        assertArrayEquals(expected.values(), changed, (float) TWO_LEVELS);
    }

    @Test
    void everyOperationIsDrawn() {
        Random random = new Random(3);
        Set<Operation> drawn = EnumSet.noneOf(Operation.class);
        float[] ramp = new float[3 * WIDTH * HEIGHT];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = (float) (.1 + .7 * (i * 37 % 101) / 100.0);
        }
        for (int i = 0; i < 500; i++) {
            float[] changed = new RandAugment(1, .5).apply(ramp, WIDTH, HEIGHT, random);
            for (Operation operation : Operation.values()) {
                for (double strength : new double[] {-.5, .5}) {
                    if (Arrays.equals(changed, RandAugment.apply(operation, ramp, WIDTH, HEIGHT, strength))) {
                        drawn.add(operation);
                    }
                }
            }
        }
        assertEquals(EnumSet.allOf(Operation.class), drawn);
    }

    @ParameterizedTest
    @EnumSource(names = {"SHEAR_X", "SHEAR_Y", "TRANSLATE_X", "TRANSLATE_Y", "ROTATE"})
    void geometryMovesTheImageAndIsUndoneByItsOpposite(Operation operation) {
        float[] smooth = new float[3 * WIDTH * HEIGHT];
        for (int i = 0; i < smooth.length; i++) {
            int x = i % WIDTH;
            int y = i / WIDTH % HEIGHT;
            smooth[i] = (float) (.2 + .01 * x + .005 * y); // linear, so that interpolation is exact
        }
        float[] there = RandAugment.apply(operation, smooth, WIDTH, HEIGHT, .2);
        float[] back = RandAugment.apply(operation, there, WIDTH, HEIGHT, -.2);
        int centre = HEIGHT / 2 * WIDTH + WIDTH / 2;
        assertFalse(Arrays.equals(smooth, there));
        assertEquals(smooth[centre], back[centre], 1e-5);
        assertEquals(smooth[centre + 3 * WIDTH - 2], back[centre + 3 * WIDTH - 2], 1e-5);
    }

    @Test
    void translationMovesByTheStatedShareOfTheSide() {
        float[] ramp = new float[3 * WIDTH * HEIGHT];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = (float) (i % WIDTH) / WIDTH;
        }
        float[] moved = RandAugment.apply(Operation.TRANSLATE_X, ramp, WIDTH, HEIGHT, .5);
        int pixel = 10 * WIDTH + 25;
        assertEquals((25 - .5 * 150 / 331 * WIDTH) / WIDTH, moved[pixel], 1e-5);
    }

    @Test
    void noOperationsChangeNothing() throws IOException {
        assertArrayEquals(image(), RandAugment.NONE.apply(image(), WIDTH, HEIGHT, new Random(0)));
    }

    @Test
    void sameSeedGivesSameImageWithinRange() throws IOException {
        RandAugment strong = new RandAugment(3, 1);
        float[] one = strong.apply(image(), WIDTH, HEIGHT, new Random(5));
        assertArrayEquals(one, strong.apply(image(), WIDTH, HEIGHT, new Random(5)));
        assertFalse(Arrays.equals(one, strong.apply(image(), WIDTH, HEIGHT, new Random(6))));
        for (float value : one) {
            assertTrue(value >= 0 && value <= 1, "value " + value);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-.1, 1.1, Double.NaN})
    void refusesMagnitudeOutOfRange(double magnitude) {
        assertThrows(IllegalArgumentException.class, () -> new RandAugment(2, magnitude));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 11})
    void refusesNumberOfOperationsOutOfRange(int operations) {
        assertThrows(IllegalArgumentException.class, () -> new RandAugment(operations, .3));
    }
}
