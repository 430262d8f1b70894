package dev.loupe.training.result;

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
        double logarithm = -all * Math.log(2);
        for (int k = 1; k <= fewer; k++) {
            logarithm += Math.log((double) (all - k + 1) / k);
        }
        double relative = 1; // sum of the probabilities of 0..fewer, relative to that of fewer
        double term = 1;
        for (int k = fewer; k > 0; k--) {
            term *= (double) k / (all - k + 1);
            relative += term;
        }
        return Math.min(1, 2 * Math.exp(logarithm) * relative);
    }
}
