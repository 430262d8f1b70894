package dev.loupe.vision.evaluation;

/**
 * How well scores separate defective pixels from normal ones, from the highest score to the lowest. Pixels with equal scores
 * are never on both sides of a threshold.
 *
 * <p>Source of AUPRO: Bergmann et al., "The MVTec Anomaly Detection Dataset", IJCV 2021, section 5.1.2.
 */
final class PixelCurve {
    private PixelCurve() {}

    @FunctionalInterface
    private interface Step {
        /** Receives the weights of one score. */
        void take(double normal, double defective);
    }

    /** Area under the ROC curve: the probability that a defective pixel has a higher score than a normal one; ties count half. */
    static double auroc(ScoreWeights normal, ScoreWeights defective) {
        double[] sums = new double[3]; // normal and defective pixels above, area
        descend(normal, defective, (negatives, positives) -> {
            sums[2] += negatives * (sums[1] + positives / 2);
            sums[0] += negatives;
            sums[1] += positives;
        });
        return Math.min(1, sums[2] / (sums[0] * sums[1])); // rounding may exceed 1
    }

    /** Average precision: the precision at each score, weighted by the recall that it gains. */
    static double averagePrecision(ScoreWeights normal, ScoreWeights defective) {
        double[] sums = new double[3];
        descend(normal, defective, (negatives, positives) -> {
            sums[0] += negatives;
            sums[1] += positives;
            sums[2] += positives == 0 ? 0 : positives * sums[1] / (sums[0] + sums[1]);
        });
        return sums[2] / sums[1];
    }

    /**
     * Area under the curve of the mean share of each region (per-region overlap) over the false-positive rate, up to a
     * limit, divided by the limit: 1 is perfect, half the limit is guessing. Linear between scores.
     *
     * @param overlap pixels of the regions, those of a region with the sum 1
     * @param regions number of regions
     * @param limit false-positive rate, above 0, at most 1
     */
    static double aupro(ScoreWeights normal, ScoreWeights overlap, double regions, double limit) {
        double pixels = normal.total();
        double[] sums = new double[3]; // false-positive rate, overlap, area
        descend(normal, overlap, (negatives, share) -> {
            double from = sums[0];
            double to = from + negatives / pixels;
            double gain = share / regions;
            if (from < limit && to > from) {
                double end = Math.min(to, limit);
                double reached = sums[1] + gain * (end - from) / (to - from);
                sums[2] += (end - from) * (sums[1] + reached) / 2;
            }
            sums[0] = to;
            sums[1] += gain;
        });
        return Math.min(1, sums[2] / limit);
    }

    private static void descend(ScoreWeights normal, ScoreWeights defective, Step step) {
        int n = normal.size() - 1;
        int d = defective.size() - 1;
        while (n >= 0 || d >= 0) {
            boolean ofNormal = d < 0 || n >= 0 && normal.keys()[n] >= defective.keys()[d];
            boolean ofDefective = n < 0 || d >= 0 && defective.keys()[d] >= normal.keys()[n];
            step.take(
                    ofNormal ? normal.weights()[n] : 0, ofDefective ? defective.weights()[d] : 0);
            n -= ofNormal ? 1 : 0;
            d -= ofDefective ? 1 : 0;
        }
    }
}
