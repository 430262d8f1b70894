package dev.loupe.vision.evaluation;

/**
 * Temperature scaling.
 *
 * <p>Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
 */
public final class Temperature {
    static final double LEAST = 0.05;
    static final double MOST = 20;
    /** After these steps, the interval is smaller than the log loss can tell. */
    private static final int STEPS = 60;

    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    private Temperature() {}

    /**
     * Returns the temperature from {@value #LEAST} to {@value #MOST} with the least log loss. The log loss is convex in
     * the inverse of the temperature, so a golden-section search over its logarithm finds it.
     */
    public static double fit(ClassProbabilities dev) {
        double low = Math.log(LEAST);
        double high = Math.log(MOST);
        double lower = high - GOLDEN * (high - low);
        double upper = low + GOLDEN * (high - low);
        double atLower = loss(dev, lower);
        double atUpper = loss(dev, upper);
        for (int i = 0; i < STEPS; i++) {
            if (atLower <= atUpper) {
                high = upper;
                upper = lower;
                atUpper = atLower;
                lower = high - GOLDEN * (high - low);
                atLower = loss(dev, lower);
            } else {
                low = lower;
                lower = upper;
                atLower = atUpper;
                upper = low + GOLDEN * (high - low);
                atUpper = loss(dev, upper);
            }
        }
        return Math.exp((low + high) / 2);
    }

    private static double loss(ClassProbabilities dev, double logarithm) {
        return dev.at(Math.exp(logarithm)).logLoss(Weights.ones(dev.size()));
    }
}
