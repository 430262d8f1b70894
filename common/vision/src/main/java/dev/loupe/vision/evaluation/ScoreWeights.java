package dev.loupe.vision.evaluation;

import java.util.Arrays;

/**
 * Weights by score: how much counts at each score that occurs. Scores are floats, stored as integers of the same order, of
 * which a number of low bits may be dropped: then scores that share the others count as equal. Immutable.
 *
 * @param keys the scores, ascending and different
 * @param weights weight of each score
 */
record ScoreWeights(int[] keys, double[] weights) {
    static final ScoreWeights NONE = new ScoreWeights(new int[0], new double[0]);

    /** An integer with the order of the score; 0 and -0 have the same. */
    static int key(float score) {
        int bits = Float.floatToRawIntBits(score + 0f);
        return bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
    }

    /** Each score counts 1. */
    static ScoreWeights of(int[] unsorted) {
        int[] sorted = unsorted.clone();
        Arrays.sort(sorted);
        double[] ones = new double[sorted.length];
        Arrays.fill(ones, 1);
        return merged(sorted, ones, sorted.length);
    }

    /**
     * @param sorted keys in the upper half, ascending, and in the lower half an index of {@code weights}
     */
    static ScoreWeights of(long[] sorted, double[] weights) {
        int[] keys = new int[sorted.length];
        double[] each = new double[sorted.length];
        for (int i = 0; i < sorted.length; i++) {
            keys[i] = (int) (sorted[i] >> Integer.SIZE);
            each[i] = weights[(int) sorted[i]];
        }
        return merged(keys, each, keys.length);
    }

    int size() {
        return keys.length;
    }

    double total() {
        return Arrays.stream(weights).sum();
    }

    ScoreWeights plus(ScoreWeights other) {
        int[] both = new int[size() + other.size()];
        double[] sums = new double[both.length];
        int a = 0;
        int b = 0;
        int count = 0;
        while (a < size() || b < other.size()) {
            boolean first = b == other.size() || a < size() && keys[a] <= other.keys[b];
            boolean second = a == size() || b < other.size() && other.keys[b] <= keys[a];
            both[count] = first ? keys[a] : other.keys[b];
            sums[count++] = (first ? weights[a++] : 0) + (second ? other.weights[b++] : 0);
        }
        return new ScoreWeights(Arrays.copyOf(both, count), Arrays.copyOf(sums, count));
    }

    /**
     * The same weights with fewer scores.
     *
     * @param bits number of low bits of the keys to drop, 0..31
     */
    ScoreWeights coarse(int bits) {
        if (bits == 0) {
            return this;
        }
        int[] rounded = new int[size()];
        Arrays.setAll(rounded, i -> keys[i] >> bits << bits);
        return merged(rounded, weights.clone(), rounded.length);
    }

    /** Adds up the weights of equal keys, in place. */
    private static ScoreWeights merged(int[] keys, double[] weights, int size) {
        int last = -1;
        for (int i = 0; i < size; i++) {
            if (last >= 0 && keys[last] == keys[i]) {
                weights[last] += weights[i];
            } else {
                keys[++last] = keys[i];
                weights[last] = weights[i];
            }
        }
        return new ScoreWeights(Arrays.copyOf(keys, last + 1), Arrays.copyOf(weights, last + 1));
    }
}
