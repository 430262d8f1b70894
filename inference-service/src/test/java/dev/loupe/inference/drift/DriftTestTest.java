package dev.loupe.inference.drift;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriftTestTest {
    /** The reference: SciPy's ks_2samp with its exact p-value; src/test/python/drift_reference.py prints it. */
    @ParameterizedTest
    @CsvSource({
        "100, 1, 0, 0.052, 0.9725174248105284",
        "100, 1, 0.1, 0.158, 0.02883503827570163",
        "100, 0.8, 0, 0.184, 0.006392541507766507",
        "100, 1, 0.3, 0.354, 9.050125666185817e-10",
        "60, 1.2, -0.1, 0.112, 0.4786252617208896",
    })
    void statisticAndPValueAreThoseOfSciPy(int count, double scale, double shift, double statistic, double pValue) {
        DriftTest.Outcome outcome = test(values(1, 500, 1, 0), values(7, count, scale, shift));
        assertEquals(statistic, outcome.statistic(), 1e-12);
        assertEquals(1, outcome.pValue() / pValue, 1e-6);
        assertEquals(pValue < 2e-5, outcome.drifted());
    }

    private static DriftTest.Outcome test(double[] reference, double[] window) {
        return DriftTest.test(Map.of(DriftMeasure.BRIGHTNESS, reference), Map.of(DriftMeasure.BRIGHTNESS, window))
                .getFirst();
    }

    private static double[] values(long seed, int count, double scale, double shift) {
        double[] values = new double[count];
        long x = seed;
        for (int i = 0; i < count; i++) {
            x = (1_103_515_245L * x + 12_345) % (1L << 31);
            values[i] = shift + scale * x / (1L << 31);
        }
        Arrays.sort(values);
        return values;
    }

    /** By hand: 1 % for 100 windows of 5 measures. */
    @Test
    void eachTestHasItsShareOfTheFalseAlarmRate() {
        assertEquals(2e-5, test(values(1, 500, 1, 0), values(7, 100, 1, 0)).level(), 1e-18);
    }

    @Test
    void valuesThatAreAllEqualDoNotDriftUntilTheyChange() {
        double[] reference = DoubleStream.generate(() -> 640 * 480).limit(500).toArray();
        double[] same = DoubleStream.generate(() -> 640 * 480).limit(100).toArray();
        double[] other = DoubleStream.generate(() -> 320 * 240).limit(100).toArray();
        assertEquals(1, test(reference, same).pValue(), 1e-12);
        assertTrue(test(reference, other).drifted());
    }

    /**
     * 200 streams of 10,000 predictions that do not drift, with five measures each. With the stated rate of 1 %, more than 8
     * of them would raise an alert with a probability below 0.0003: the Poisson distribution with mean 2.
     */
    @Test
    void streamsThatDoNotDriftRaiseNoMoreAlertsThanStated() {
        SplittableRandom random = new SplittableRandom(1);
        List<DoubleSupplier> measures = List.of(
                random::nextDouble,
                random::nextGaussian,
                () -> random.nextDouble() < 0.1 ? random.nextDouble() : 0.99,
                () -> Math.exp(random.nextGaussian()),
                () -> random.nextInt(3));
        int alerts = 0;
        for (int stream = 0; stream < 200; stream++) {
            boolean alert = false;
            for (DoubleSupplier measure : measures) {
                double[] reference = sorted(measure, DriftTest.REFERENCE);
                for (int window = 0; window < DriftTest.HORIZON; window++) {
                    alert |= test(reference, sorted(measure, DriftTest.WINDOW)).drifted();
                }
            }
            alerts += alert ? 1 : 0;
        }
        assertTrue(alerts <= 8, alerts + " of 200 streams");
    }

    @Test
    void shiftByAStandardDeviationIsFoundInAWindowAndOneByHalfOfItRarely() {
        SplittableRandom random = new SplittableRandom(2);
        int whole = 0;
        int half = 0;
        for (int i = 0; i < 200; i++) {
            double[] reference = sorted(random::nextGaussian, DriftTest.REFERENCE);
            whole += test(reference, sorted(() -> random.nextGaussian() + 1, DriftTest.WINDOW))
                            .drifted()
                    ? 1
                    : 0;
            half += test(reference, sorted(() -> random.nextGaussian() + 0.5, DriftTest.WINDOW))
                            .drifted()
                    ? 1
                    : 0;
        }
        assertTrue(whole >= 190, "shift by 1: " + whole + " of 200");
        assertTrue(half <= 100, "shift by 0.5: " + half + " of 200");
    }

    private static double[] sorted(DoubleSupplier measure, int count) {
        return DoubleStream.generate(measure).limit(count).sorted().toArray();
    }
}
