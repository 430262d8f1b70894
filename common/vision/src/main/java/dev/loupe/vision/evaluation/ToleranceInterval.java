package dev.loupe.vision.evaluation;

import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Two-sided tolerance intervals of normally distributed values: mean +- factor * standard deviation of a sample contains
 * a share of all values with a stated confidence, however small the sample is.
 *
 * <p>Source: Howe, "Two-Sided Tolerance Limits for Normal Populations", Journal of the American Statistical Association
 * 64, 1969, as in the NIST/SEMATECH e-Handbook of Statistical Methods, section 7.2.6.3.
 */
public final class ToleranceInterval {
    private ToleranceInterval() {}

    /**
     * The factor of the standard deviation.
     *
     * @param sample number of values in the sample, at least 2
     * @param share share of all values, between 0 and 1
     * @param confidence probability that the interval contains that share, between 0 and 1
     */
    public static double factor(int sample, double share, double confidence) {
        if (sample < 2) {
            throw new IllegalArgumentException("expected at least 2 values, got " + sample);
        }
        int freedom = sample - 1;
        double quantile = NormalDistribution.of(0, 1).inverseCumulativeProbability((1 + share) / 2);
        double spread = ChiSquaredDistribution.of(freedom).inverseCumulativeProbability(1 - confidence);
        return quantile * Math.sqrt(freedom * (1 + 1.0 / sample) / spread);
    }
}
