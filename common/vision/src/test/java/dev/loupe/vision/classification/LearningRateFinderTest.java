package dev.loupe.vision.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LearningRateFinderTest {
    /** Gradient descent with noisy gradients on {@code curvature / 2 * w^2} diverges at rates above {@code 2 / curvature}. */
    @ParameterizedTest
    @ValueSource(doubles = {4, 20, 100, 1000})
    void foundRateIsAboutATenthOfTheLargestStableOne(double curvature) {
        Random random = new Random(1);
        LearningRateFinder finder = new LearningRateFinder();
        double weight = 1;
        boolean goesOn = true;
        while (goesOn) {
            double rate = finder.rate();
            goesOn = finder.next(curvature / 2 * (.01 + weight * weight));
            weight -= rate * curvature * (weight + .1 * random.nextGaussian());
        }

        double stable = 2 / curvature;
        assertTrue(
                finder.found() > .03 * stable && finder.found() < .4 * stable,
                "found " + finder.found() + ", stable below " + stable);
    }

    @Test
    void ratesRiseByOneFactorFromTheLowestToTheHighest() {
        LearningRateFinder finder = new LearningRateFinder();
        assertEquals(1e-6, finder.rate(), 1e-18);
        double factor = Math.pow(1e6, 1 / 99.0);
        for (int step = 1; step < LearningRateFinder.STEPS; step++) {
            double before = finder.rate();
            assertTrue(finder.next(1));
            assertEquals(before * factor, finder.rate(), 1e-12);
        }
        assertEquals(1, finder.rate(), 1e-9);
        assertFalse(finder.next(1));
    }

    @Test
    void lossThatIsNotFiniteEndsTheTest() {
        LearningRateFinder finder = new LearningRateFinder();
        assertTrue(finder.next(1));
        double rate = finder.rate();
        assertTrue(finder.next(.5));
        assertFalse(finder.next(Double.NaN));
        assertEquals(rate / 10, finder.found(), 1e-15);
    }
}
