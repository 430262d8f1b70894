package dev.loupe.vision.evaluation;

import java.util.Arrays;

/** How many times each image counts: once, or as often as a resample of a bootstrap drew it. */
final class Weights {
    private Weights() {}

    static int[] ones(int size) {
        int[] weights = new int[size];
        Arrays.fill(weights, 1);
        return weights;
    }

    /** Weighted mean of values; NaN if the weights are 0. */
    static double mean(double[] values, int[] weights) {
        double sum = 0;
        long count = 0;
        for (int i = 0; i < values.length; i++) {
            sum += weights[i] * values[i];
            count += weights[i];
        }
        return sum / count;
    }
}
