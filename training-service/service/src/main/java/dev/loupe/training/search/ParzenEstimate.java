package dev.loupe.training.search;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A probability density on the interval from 0 to 1: a mixture of a kernel around each observation and of the uniform
 * density, all with the same weight. A kernel is a logistic density whose part outside of the interval is cut off: it
 * resembles the Gaussian of the paper, and its distribution function has a closed form. Its standard deviation is the
 * distance to the farther one of the two neighbouring observations.
 *
 * <p>Source: Bergstra, Bardenet, Bengio and Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS 2011, section 4.
 */
final class ParzenEstimate {
    private static final double MOST_KERNELS_FOR_WIDTH = 100;
    private static final double MAX_DEVIATION = 0.5;
    /** Scale of a logistic distribution whose standard deviation is 1. */
    private static final double UNIT_SCALE = Math.sqrt(3) / Math.PI;

    private final double[] centres;
    private final double[] scales;

    /**
     * @param observations positions from 0 to 1; may be empty
     */
    ParzenEstimate(double[] observations) {
        centres = observations.clone();
        Arrays.sort(centres);
        scales = new double[centres.length];
        double smallest = 1 / Math.min(MOST_KERNELS_FOR_WIDTH, 1 + centres.length);
        for (int i = 0; i < centres.length; i++) {
            double before = i == 0 ? 0 : centres[i] - centres[i - 1];
            double after = i == centres.length - 1 ? 0 : centres[i + 1] - centres[i];
            double widest = centres.length == 1 ? MAX_DEVIATION : Math.max(before, after);
            scales[i] = UNIT_SCALE * Math.clamp(widest, Math.min(smallest, MAX_DEVIATION), MAX_DEVIATION);
        }
    }

    /** The density at a position. */
    double density(double position) {
        double sum = 1; // the uniform density
        for (int i = 0; i < centres.length; i++) {
            double height = logistic((position - centres[i]) / scales[i]);
            double kernel = height * (1 - height) / scales[i];
            sum += kernel / (logistic((1 - centres[i]) / scales[i]) - logistic(-centres[i] / scales[i]));
        }
        return sum / (centres.length + 1);
    }

    /** Draws a position. */
    double draw(RandomGenerator random) {
        int chosen = random.nextInt(centres.length + 1);
        double share = random.nextDouble();
        if (chosen == centres.length) {
            return share;
        }
        double from = logistic(-centres[chosen] / scales[chosen]);
        double to = logistic((1 - centres[chosen]) / scales[chosen]);
        double level = from + share * (to - from);
        return Math.clamp(centres[chosen] + scales[chosen] * Math.log(level / (1 - level)), 0, 1);
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
