package dev.loupe.training.search;

import java.util.Comparator;

/**
 * How good a trial is on DEV.
 *
 * @param value value of the metric, the higher the better
 * @param logLoss decides between equal values, the lower the better; null if it was not measured
 */
record Score(double value, Double logLoss) implements Comparable<Score> {
    private static final Comparator<Score> ORDER = Comparator.comparingDouble(Score::value)
            .thenComparing(score -> score.logLoss() == null ? Double.NEGATIVE_INFINITY : -score.logLoss());

    /** The better score is the greater one. */
    @Override
    public int compareTo(Score other) {
        return ORDER.compare(this, other);
    }
}
