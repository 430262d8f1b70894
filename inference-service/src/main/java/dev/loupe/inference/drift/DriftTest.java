package dev.loupe.inference.drift;

import dev.loupe.inference.prediction.LoggedPrediction;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;

/**
 * Tests whether the predictions of a window have the distribution of the reference: the two-sample test of Kolmogorov and
 * Smirnov for each measure.
 *
 * <p>The level is spent uniformly: of each {@value #HORIZON} windows, each test of each measure gets the same share of the
 * false-alarm rate (Bonferroni). So a stream that does not drift raises an alert in {@value #HORIZON} windows with at most
 * the probability {@link #FALSE_ALARM_RATE}, however its measures depend on each other. Later windows are as sensitive as
 * the first ones, which they would not be if one level had to last for ever.
 */
final class DriftTest {
    /** Predictions of a window. */
    static final int WINDOW = 100;
    /** Predictions of the reference. */
    static final int REFERENCE = 500;
    /** Windows in which the false-alarm rate is spent: 10,000 predictions. */
    static final int HORIZON = 100;
    /** Largest probability of an alert within the horizon, if nothing drifts. */
    static final double FALSE_ALARM_RATE = 0.01;
    /** Fewest values of a measure that are tested. */
    static final int MIN_VALUES = WINDOW / 2;

    private static final double LEVEL = FALSE_ALARM_RATE / (HORIZON * DriftMeasure.values().length);

    private DriftTest() {}

    /**
     * The outcome of the test of one measure.
     *
     * @param statistic greatest difference of the two distributions, 0 to 1
     * @param pValue probability of such a difference without a drift
     * @param level p-value below which it is a drift
     * @param referenceMedian median of the reference
     * @param median median of the window
     */
    record Outcome(
            DriftMeasure measure,
            double statistic,
            double pValue,
            double level,
            boolean drifted,
            double referenceMedian,
            double median) {}

    /** The values of the measures that enough of the predictions have. */
    static Map<DriftMeasure, double[]> values(List<LoggedPrediction> predictions) {
        Map<DriftMeasure, double[]> values = new EnumMap<>(DriftMeasure.class);
        for (DriftMeasure measure : DriftMeasure.values()) {
            double[] sorted = predictions.stream()
                    .map(measure::of)
                    .filter(Objects::nonNull)
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            if (sorted.length >= MIN_VALUES) {
                values.put(measure, sorted);
            }
        }
        return values;
    }

    /** Tests the measures that both have. */
    static List<Outcome> test(Map<DriftMeasure, double[]> reference, Map<DriftMeasure, double[]> window) {
        List<Outcome> outcomes = new ArrayList<>();
        reference.forEach((measure, expected) -> {
            double[] found = window.get(measure);
            if (found != null) {
                outcomes.add(test(measure, expected, found));
            }
        });
        return outcomes;
    }

    /** @param expected sorted values, as {@code found} */
    private static Outcome test(DriftMeasure measure, double[] expected, double[] found) {
        KolmogorovSmirnovTest.TwoResult result =
                KolmogorovSmirnovTest.withDefaults().test(expected, found);
        return new Outcome(
                measure,
                result.getStatistic(),
                result.getPValue(),
                LEVEL,
                result.getPValue() < LEVEL,
                median(expected),
                median(found));
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
