package dev.loupe.training.result;

import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * The exact test of McNemar: whether two models are right on different numbers of the same images.
 *
 * <p>Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
 * Psychometrika 12, 1947; exact by the binomial distribution, for any number of images.
 */
final class McNemar {
    private McNemar() {}

    /**
     * Returns the two-sided p-value, 0..1: how probable so unequal numbers are if both models are equally good.
     *
     * @param onlyFirst number of images that only the first model is right on
     * @param onlySecond number of images that only the second model is right on
     */
    static double pValue(int onlyFirst, int onlySecond) {
        int fewer = Math.min(onlyFirst, onlySecond);
        int all = Math.addExact(onlyFirst, onlySecond);
        return Math.min(1, 2 * BinomialDistribution.of(all, 0.5).cumulativeProbability(fewer));
    }
}
