package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;

class ToleranceIntervalTest {
    /** The example of the NIST/SEMATECH e-Handbook, section 7.2.6.3: 43 wafers, 90 % of all, confidence 99 %. */
    @Test
    void factorIsThatOfTheHandbook() {
        assertEquals(2.217, ToleranceInterval.factor(43, 0.90, 0.99), 5e-4);
    }

    @Test
    void refusesASampleWithoutSpread() {
        assertThrows(IllegalArgumentException.class, () -> ToleranceInterval.factor(1, 0.9, 0.9));
    }

    /** The interval of 10 normal values contains 99.9 % of all in 95 of 100 samples; the standard deviation alone does not. */
    @Test
    void intervalOfASmallSampleKeepsItsPromise() {
        assertTrue(kept(ToleranceInterval.factor(10, 0.999, 0.95)) >= 0.94);
        double quantile = NormalDistribution.of(0, 1).inverseCumulativeProbability(0.9995);
        assertTrue(kept(quantile) < 0.6, "control");
    }

    private static double kept(double factor) {
        Random random = new Random(3);
        NormalDistribution normal = NormalDistribution.of(0, 1);
        int samples = 4000;
        int kept = 0;
        for (int sample = 0; sample < samples; sample++) {
            double[] values =
                    random.doubles(10).map(normal::inverseCumulativeProbability).toArray();
            double mean = java.util.Arrays.stream(values).average().orElseThrow();
            double squares = java.util.Arrays.stream(values)
                    .map(value -> (value - mean) * (value - mean))
                    .sum();
            double deviation = Math.sqrt(squares / 9);
            double share = normal.cumulativeProbability(mean + factor * deviation)
                    - normal.cumulativeProbability(mean - factor * deviation);
            kept += share >= 0.999 ? 1 : 0;
        }
        return (double) kept / samples;
    }
}
