package dev.loupe.vision.evaluation;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How the error of a model depends on the number n of images that it has learned from: {@code c + a * (n / n0)^-b}, where
 * n0 is the largest number that was measured. The error falls towards c, and never rises.
 *
 * <p>Source: Hestness et al., "Deep Learning Scaling is Predictable, Empirically", 2017; with an asymptote: Viering and
 * Loog, "The Shape of Learning Curves: a Review", TPAMI 2023 (POW3).
 *
 * @param n0 largest number of images that was measured
 * @param a what more images can gain from n0 on
 * @param b how fast
 * @param c error that remains
 */
record PowerLaw(double n0, double a, double b, double c) {
    static final double MIN_EXPONENT = 0.1;
    static final double MAX_EXPONENT = 2;

    private static final int STEPS = 95;
    private static final int REFINEMENTS = 60;
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    /**
     * Fits the curve by least squares, with a and c of at least 0 and b within {@value #MIN_EXPONENT} and {@value
     * #MAX_EXPONENT}. For a given b the rest is linear; b is searched on a grid and then refined.
     *
     * @param images numbers of images, at least two different ones
     * @param errors error of each
     */
    static PowerLaw fit(double[] images, double[] errors) {
        double n0 = Arrays.stream(images).max().orElseThrow();
        double[] x = Arrays.stream(images).map(n -> n / n0).toArray();
        double step = (MAX_EXPONENT - MIN_EXPONENT) / STEPS;
        double best = IntStream.rangeClosed(0, STEPS)
                .mapToDouble(i -> MIN_EXPONENT + i * step)
                .boxed()
                .min((one, other) -> Double.compare(squares(x, errors, one), squares(x, errors, other)))
                .orElseThrow();
        double low = Math.max(MIN_EXPONENT, best - step);
        double high = Math.min(MAX_EXPONENT, best + step);
        for (int i = 0; i < REFINEMENTS; i++) {
            double left = high - GOLDEN * (high - low);
            double right = low + GOLDEN * (high - low);
            if (squares(x, errors, left) <= squares(x, errors, right)) {
                high = right;
            } else {
                low = left;
            }
        }
        double[] linear = linear(x, errors, (low + high) / 2);
        return new PowerLaw(n0, linear[0], (low + high) / 2, linear[1]);
    }

    /** The error after learning from n images. */
    double at(double n) {
        return c + a * Math.pow(n / n0, -b);
    }

    /** How much less the error is with twice as many images as n. */
    double gainOfDoubling(double n) {
        return at(n) - at(2 * n);
    }

    /** The number of images from which on doubling them gains at most this; infinite for 0. */
    double imagesWhereDoublingGains(double gain) {
        return n0 * Math.pow(a * (1 - Math.pow(2, -b)) / gain, 1 / b);
    }

    private static double squares(double[] x, double[] errors, double b) {
        double[] linear = linear(x, errors, b);
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            double distance = errors[i] - linear[1] - linear[0] * Math.pow(x[i], -b);
            sum += distance * distance;
        }
        return sum;
    }

    /** The best a and c of at least 0 for a given b. */
    private static double[] linear(double[] x, double[] errors, double b) {
        int n = x.length;
        double sumU = 0;
        double sumUU = 0;
        double sumY = 0;
        double sumUY = 0;
        for (int i = 0; i < n; i++) {
            double u = Math.pow(x[i], -b);
            sumU += u;
            sumUU += u * u;
            sumY += errors[i];
            sumUY += u * errors[i];
        }
        double a = (n * sumUY - sumU * sumY) / (n * sumUU - sumU * sumU);
        double c = (sumY - a * sumU) / n;
        if (a < 0) {
            return new double[] {0, Math.max(0, sumY / n)};
        }
        return c < 0 ? new double[] {Math.max(0, sumUY / sumUU), 0} : new double[] {a, c};
    }
}
