package dev.loupe.model;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * Turns the scores of an anomaly detector into a scale from 0 to 1 that means the same for every detector. It is anchored
 * at the threshold in use, which is 0.5.
 *
 * <p>Below the threshold, it is half of the place of the score among the normal DEV images below the threshold: 0.25
 * means that half of them have a lower score. The i-th lowest of k scores is at i / (k + 1), and in between it is
 * interpolated linearly, from a score of 0 to the threshold. At the threshold and above it, the distance to 1 halves
 * whenever the score rises by the distance from the median of the normal DEV images to the threshold (or by the median
 * deviation from that median, if it is larger). It never decreases with the score, and is 0.5 or more exactly from the
 * threshold on.
 */
public final class ScoreCalibration {
    private static final double AT_THRESHOLD = 0.5;

    /** Ascending. */
    private final double[] normal;

    private final double median;
    private final double deviation;

    /**
     * @param normal scores of the normal DEV images, at least one
     */
    public ScoreCalibration(double[] normal) {
        if (normal.length == 0) {
            throw new IllegalArgumentException("expected scores of normal DEV images, got none");
        }
        this.normal = normal.clone();
        Arrays.sort(this.normal);
        this.median = median(this.normal);
        this.deviation = median(DoubleStream.of(normal)
                .map(score -> Math.abs(score - median))
                .sorted()
                .toArray());
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Returns the calibrated score, 0..1. */
    public float calibrate(double score, double threshold) {
        return score >= threshold
                ? (float) above(score, threshold)
                : Math.min((float) below(score, threshold), Math.nextDown((float) AT_THRESHOLD));
    }

    private double above(double score, double threshold) {
        double unit = Math.max(threshold - median, deviation);
        if (score == threshold) {
            return AT_THRESHOLD;
        }
        return unit > 0 ? 1 - AT_THRESHOLD * Math.pow(2, (threshold - score) / unit) : 1;
    }

    private double below(double score, double threshold) {
        int count = lower(threshold);
        int index = lower(score);
        double place;
        if (index < count && normal[index] == score) {
            place = place(index);
        } else if (index == 0 && score <= 0) {
            place = 0;
        } else {
            double left = index == 0 ? 0 : normal[index - 1];
            double right = index < count ? normal[index] : threshold;
            double from = index == 0 ? 0 : place(index - 1);
            double to = index < count ? place(index) : count + 1.0;
            place = from + (to - from) * (score - left) / (right - left);
        }
        return AT_THRESHOLD * place / (count + 1);
    }

    /** The place of a score in the order, 1..; equal scores have their mean place. */
    private double place(int index) {
        int first = lower(normal[index]);
        int after = lower(Math.nextUp(normal[index]));
        return (first + after + 1) / 2.0;
    }

    /** Number of normal scores below a value. */
    private int lower(double value) {
        int from = 0;
        int to = normal.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (normal[middle] < value) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
