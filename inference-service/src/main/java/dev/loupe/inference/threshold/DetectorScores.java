package dev.loupe.inference.threshold;

import dev.loupe.model.ClopperPearson;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * The scores of a detector for the DEV images, and the thresholds that follow from them. A threshold is between two
 * different scores, so that a small difference of a score between machines changes no decision. It is a float, as scores
 * are.
 */
final class DetectorScores {
    /** Distance from the highest or the lowest score; relative for scores above 1. */
    private static final double MARGIN = 1e-3;

    /** Ascending, as are the others. */
    private final double[] normal;

    private final double[] abnormal;
    private final double[] all;

    /**
     * A threshold with how it was chosen.
     *
     * @param how for people
     */
    record Choice(double value, String how) {}

    DetectorScores(double[] normal, double[] abnormal) {
        this.normal = DoubleStream.of(normal).sorted().toArray();
        this.abnormal = DoubleStream.of(abnormal).sorted().toArray();
        this.all = DoubleStream.concat(DoubleStream.of(normal), DoubleStream.of(abnormal))
                .sorted()
                .toArray();
    }

    int normal() {
        return normal.length;
    }

    int abnormal() {
        return abnormal.length;
    }

    /** Number of normal images that are anomalous at the threshold. */
    int falseAlarms(double threshold) {
        return normal.length - below(normal, threshold);
    }

    /** Number of abnormal images that are not anomalous at the threshold. */
    int misses(double threshold) {
        return below(abnormal, threshold);
    }

    /**
     * Chooses the threshold with the best F1 among those that at least one normal image is below; the highest one if
     * several are equally good. It is the one that a training chooses.
     *
     * @throws ServiceException {@code DEV_IMAGES_TOO_FEW}
     */
    Choice bestF1() {
        if (normal.length == 0 || abnormal.length == 0) {
            throw new ServiceException(
                    ErrorCode.DEV_IMAGES_TOO_FEW,
                    "best F1: expected normal and abnormal DEV images, got %d normal and %d abnormal ones"
                            .formatted(normal.length, abnormal.length));
        }
        double best = 0;
        double threshold = above(all[all.length - 1]);
        for (int i = all.length - 1; i > 0; i--) {
            if (all[i] == all[i - 1]) {
                continue;
            }
            int found = abnormal.length - misses(all[i]);
            int falseAlarms = falseAlarms(all[i]);
            double f1 = 2.0 * found / (found + falseAlarms + abnormal.length);
            if (f1 > best && falseAlarms < normal.length) {
                best = f1;
                threshold = above(all[i - 1]);
            }
        }
        return choice(threshold, "best F1 on %d DEV images".formatted(all.length));
    }

    /**
     * Chooses the lowest threshold for which the one-sided upper limit of the false-alarm rate by Clopper and Pearson is
     * at most the target. The limit is a tolerance limit of the order statistics, so the promise is kept for scores of any
     * distribution (Wilks, "Determination of sample sizes for setting tolerance limits", 1941).
     *
     * @throws ServiceException {@code DEV_IMAGES_TOO_FEW} if even the highest threshold cannot promise that
     */
    Choice falseAlarmRate(double target, double confidence) {
        int needed = ClopperPearson.trialsNeeded(target, confidence);
        if (normal.length < needed) {
            throw new ServiceException(
                    ErrorCode.DEV_IMAGES_TOO_FEW,
                    "a false-alarm rate of at most %s with %s confidence: expected at least %d normal DEV images, got %d: %d more are needed"
                            .formatted(
                                    percent(target),
                                    percent(confidence),
                                    needed,
                                    normal.length,
                                    needed - normal.length));
        }
        int allowed = 0;
        int refused = normal.length;
        while (refused - allowed > 1) {
            int middle = (allowed + refused) >>> 1;
            if (ClopperPearson.isAtMost(target, middle, normal.length, confidence)) {
                allowed = middle;
            } else {
                refused = middle;
            }
        }
        double threshold = above(normal[normal.length - 1 - allowed]);
        return choice(
                threshold,
                "a false-alarm rate of at most %s with %s confidence, on %d normal DEV images"
                        .formatted(percent(target), percent(confidence), normal.length));
    }

    /**
     * Chooses the highest threshold that at least this share of the abnormal images reaches.
     *
     * @throws ServiceException {@code DEV_IMAGES_TOO_FEW} without abnormal images
     */
    Choice recall(double target) {
        if (abnormal.length == 0) {
            throw new ServiceException(
                    ErrorCode.DEV_IMAGES_TOO_FEW, "recall: expected at least 1 abnormal DEV image, got 0");
        }
        int missed = (int) Math.floor((1 - target) * abnormal.length + 1e-9);
        double lowest = abnormal[Math.min(missed, abnormal.length - 1)];
        return choice(
                underneath(lowest),
                "recall of at least %s on %d abnormal DEV images".formatted(percent(target), abnormal.length));
    }

    /** Returns a threshold above this score, half-way to the next higher score, if there is one. */
    private double above(double score) {
        int next = below(all, Math.nextUp(score));
        return next < all.length ? (score + all[next]) / 2 : score + MARGIN * Math.max(1, Math.abs(score));
    }

    /** Returns a threshold that this score just reaches, half-way to the next lower score, if there is one. */
    private double underneath(double score) {
        int index = below(all, score);
        return index > 0 ? (all[index - 1] + score) / 2 : score - MARGIN * Math.max(1, Math.abs(score));
    }

    /** Rounded up, so that it stays above the scores below it. */
    private static Choice choice(double value, String how) {
        float rounded = (float) value;
        return new Choice(rounded < value ? Math.nextUp(rounded) : rounded, how);
    }

    /** Number of scores below a value. */
    private static int below(double[] sorted, double value) {
        int index = Arrays.binarySearch(sorted, value);
        if (index < 0) {
            return -index - 1;
        }
        while (index > 0 && sorted[index - 1] == value) {
            index--;
        }
        return index;
    }

    private static String percent(double share) {
        String digits = String.format(Locale.ROOT, "%.4f", share * 100);
        return digits.replaceAll("\\.?0+$", "") + " %";
    }
}
