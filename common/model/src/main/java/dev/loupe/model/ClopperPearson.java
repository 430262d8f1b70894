package dev.loupe.model;

import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * Exact confidence limits of a rate that was observed in independent trials.
 *
 * <p>Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
 * Biometrika 26, 1934.
 */
public final class ClopperPearson {
    /** Keeps a whole number of trials from being rounded up because of the last digit. */
    private static final double ROUNDING = 1e-9;

    private ClopperPearson() {}

    /**
     * A two-sided interval.
     *
     * @param lower 0..1
     * @param upper 0..1
     */
    public record Interval(double lower, double upper) {}

    /**
     * Returns the interval of the rate with half of the error on each side.
     *
     * @param trials at least 1
     */
    public static Interval interval(long events, long trials, double confidence) {
        double oneSided = (1 + confidence) / 2;
        return new Interval(
                events == 0
                        ? 0
                        : BetaDistribution.of(events, trials - events + 1.0).inverseSurvivalProbability(oneSided),
                events == trials
                        ? 1
                        : BetaDistribution.of(events + 1.0, trials - events).inverseCumulativeProbability(oneSided));
    }

    /** Whether the one-sided upper limit of the rate is at most this. */
    public static boolean isAtMost(double rate, int events, int trials, double confidence) {
        if (events == 0) {
            return trials >= trialsNeeded(rate, confidence);
        }
        // The upper limit is the inverse of this distribution function at the confidence.
        return events < trials
                && BetaDistribution.of(events + 1.0, trials - events).cumulativeProbability(rate) >= confidence;
    }

    /** The fewest trials without an event for which the upper limit is at most this rate. */
    public static int trialsNeeded(double rate, double confidence) {
        double trials = Math.log1p(-confidence) / Math.log1p(-rate);
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, Math.ceil(trials - ROUNDING)));
    }
}
