package dev.loupe.vision.classification;

/**
 * A range test for the learning rate: the rate rises from step to step by the same factor, and training starts well with
 * a tenth of the rate at which the smoothed loss was lowest. Not thread-safe.
 *
 * <p>Source: Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017, section 3.3.
 */
final class LearningRateFinder {
    /** Most steps of a test. */
    static final int STEPS = 100;

    static final double LOWEST = 1e-6;
    static final double HIGHEST = 1;
    private static final double SMOOTHING = .9;
    /** A smoothed loss of so many times the lowest one ends the test. */
    private static final double DIVERGED = 4;

    private static final double SHARE = .1;

    private int steps;
    private double average;
    private double lowestLoss = Double.POSITIVE_INFINITY;
    private double best = LOWEST;

    /** The rate of the next step. */
    double rate() {
        return LOWEST * Math.pow(HIGHEST / LOWEST, (double) steps / (STEPS - 1));
    }

    /**
     * Takes the loss of a step, before the weights change.
     *
     * @return whether another step is needed
     */
    boolean next(double loss) {
        if (!Double.isFinite(loss)) {
            return false;
        }
        double rate = rate();
        steps++;
        average = SMOOTHING * average + (1 - SMOOTHING) * loss;
        double smoothed = average / (1 - Math.pow(SMOOTHING, steps));
        if (smoothed < lowestLoss) {
            lowestLoss = smoothed;
            best = rate;
        }
        return steps < STEPS && smoothed <= DIVERGED * lowestLoss;
    }

    /** The rate to train with. */
    double found() {
        return SHARE * best;
    }
}
