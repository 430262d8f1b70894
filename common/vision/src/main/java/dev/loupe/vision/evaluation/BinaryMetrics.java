package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.CurvePoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures how well a score separates positives (abnormal) from negatives (normal); positives should have higher
 * scores.
 *
 * <p>The definitions are those of scikit-learn 1.x: {@code roc_auc_score}, {@code average_precision_score}, {@code
 * roc_curve} and {@code precision_recall_curve}.
 */
public final class BinaryMetrics {
    /** Distance of a threshold from the highest score: the tolerance between machines; relative for scores above 1. */
    private static final double MARGIN = 1e-3;

    private final double[] scores;
    private final boolean[] positive;
    private final int positives;
    /** Indices by descending score. */
    private final int[] ranking;

    /**
     * @param scores finite
     * @param positive ground truth, one value for each score
     */
    public BinaryMetrics(double[] scores, boolean[] positive) {
        if (scores.length != positive.length) {
            throw new IllegalArgumentException(scores.length + " scores, but " + positive.length + " truths");
        }
        for (double score : scores) {
            if (!Double.isFinite(score)) {
                throw new IllegalArgumentException("a score is " + score + ", expected finite numbers");
            }
        }
        this.scores = scores.clone();
        this.positive = positive.clone();
        int count = 0;
        for (boolean truth : positive) {
            count += truth ? 1 : 0;
        }
        this.positives = count;
        this.ranking = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
                .mapToInt(i -> i)
                .toArray();
    }

    /** Number of scores. */
    public int size() {
        return scores.length;
    }

    /** Returns the score at an index, 0..{@link #size()} - 1, in the original order. */
    public double score(int index) {
        return scores[index];
    }

    /** Number of scores of positives. */
    public int positives() {
        return positives;
    }

    /** Number of scores of negatives. */
    public int negatives() {
        return scores.length - positives;
    }

    /** Whether the score at an index is that of a positive. */
    boolean isPositive(int index) {
        return positive[index];
    }

    /** Whether there are both positives and negatives; otherwise, nothing can be measured. */
    public boolean measurable() {
        return positives > 0 && positives < scores.length;
    }

    /**
     * Area under the ROC curve: the probability that a positive has a higher score than a negative; ties count half.
     *
     * @throws IllegalStateException unless {@link #measurable()}
     */
    public double auroc() {
        requireBoth();
        return auroc(Weights.ones(scores.length));
    }

    /**
     * Area under the ROC curve; NaN unless both positives and negatives count.
     *
     * @param weights how many times each score counts
     */
    double auroc(int[] weights) {
        double area = 0;
        double truePositives = 0;
        double falsePositives = 0;
        for (int i = 0; i < ranking.length; ) {
            int end = endOfTie(i);
            double tiedPositives = 0;
            double tied = 0;
            for (int j = i; j < end; j++) {
                tied += weights[ranking[j]];
                tiedPositives += positive[ranking[j]] ? weights[ranking[j]] : 0;
            }
            area += (tied - tiedPositives) * (truePositives + tiedPositives / 2);
            truePositives += tiedPositives;
            falsePositives += tied - tiedPositives;
            i = end;
        }
        return area / (truePositives * falsePositives);
    }

    /**
     * Average precision: the precision at each threshold, weighted by the recall that it gains.
     *
     * @throws IllegalStateException unless {@link #measurable()}
     */
    public double averagePrecision() {
        requireBoth();
        return averagePrecision(Weights.ones(scores.length));
    }

    /**
     * Average precision; NaN if no positive counts.
     *
     * @param weights how many times each score counts
     */
    double averagePrecision(int[] weights) {
        double sum = 0;
        double truePositives = 0;
        double predicted = 0;
        for (int i = 0; i < ranking.length; ) {
            int end = endOfTie(i);
            double before = truePositives;
            for (int j = i; j < end; j++) {
                predicted += weights[ranking[j]];
                truePositives += positive[ranking[j]] ? weights[ranking[j]] : 0;
            }
            sum += truePositives == before ? 0 : (truePositives - before) * truePositives / predicted;
            i = end;
        }
        return sum / truePositives;
    }

    /**
     * The ROC curve: false-positive rate (x) and true-positive rate (y) for each threshold, the highest first.
     *
     * @throws IllegalStateException unless {@link #measurable()}
     */
    List<CurvePoint> roc() {
        requireBoth();
        return curve(
                new CurvePoint(0, 0, null),
                (predicted, right, threshold) ->
                        new CurvePoint((predicted - right) / negatives(), right / positives, threshold));
    }

    /**
     * The precision-recall curve: recall (x) and precision (y) for each threshold, the highest first.
     *
     * @throws IllegalStateException unless {@link #measurable()}
     */
    List<CurvePoint> precisionRecall() {
        requireBoth();
        return curve(
                new CurvePoint(0, 1, null),
                (predicted, right, threshold) -> new CurvePoint(right / positives, right / predicted, threshold));
    }

    @FunctionalInterface
    private interface AtThreshold {
        CurvePoint point(double predicted, double right, double threshold);
    }

    private List<CurvePoint> curve(CurvePoint first, AtThreshold next) {
        List<CurvePoint> points = new ArrayList<>(List.of(first));
        int truePositives = 0;
        for (int i = 0; i < ranking.length; ) {
            int end = endOfTie(i);
            for (int j = i; j < end; j++) {
                truePositives += positive[ranking[j]] ? 1 : 0;
            }
            points.add(next.point(end, truePositives, scores[ranking[i]]));
            i = end;
        }
        return points;
    }

    /**
     * The threshold with the best F1 (scores from it on are positive) among those with at least one negative below; the
     * highest one if several are equally good. It lies strictly between two different scores: equal scores are never on
     * both sides, and the lowest score is always below it. If no such threshold has a positive above it, it lies above
     * all scores.
     *
     * @throws IllegalStateException unless {@link #measurable()}
     */
    public double bestF1Threshold() {
        requireBoth();
        double best = 0;
        double threshold = above(0);
        int truePositives = 0;
        for (int i = 0; i < ranking.length; ) {
            int end = endOfTie(i);
            for (int j = i; j < end; j++) {
                truePositives += positive[ranking[j]] ? 1 : 0;
            }
            boolean allNegatives = end - truePositives == negatives();
            double f1 = 2.0 * truePositives / (end + positives);
            if (f1 > best && !allNegatives) {
                best = f1;
                threshold = above(end);
            }
            i = end;
        }
        return threshold;
    }

    /**
     * The lowest threshold that at most this share of the negatives reaches. It lies strictly above the next lower
     * negative, and equal scores are never on both sides: if all negatives are equal, they lie below it.
     *
     * @param share 0..1
     * @throws IllegalStateException if there are no negatives
     */
    public double negativeThreshold(double share) {
        if (negatives() == 0) {
            throw new IllegalStateException("there are no negatives");
        }
        int allowed = (int) (share * negatives());
        int seen = 0;
        for (int i = 0; i < ranking.length; i++) {
            if (!positive[ranking[i]] && seen++ == allowed) {
                return above(i);
            }
        }
        throw new AssertionError("there are more than " + allowed + " negatives");
    }

    /** Returns a threshold above the score at a rank, half-way to the next higher score, if there is one. */
    private double above(int rank) {
        double score = scores[ranking[rank]];
        for (int i = rank - 1; i >= 0; i--) {
            if (scores[ranking[i]] > score) {
                return (score + scores[ranking[i]]) / 2;
            }
        }
        return score + MARGIN * Math.max(1, Math.abs(score));
    }

    /** The confusion matrix at a threshold: row and column 0 are the negatives. */
    public ConfusionMatrix at(double threshold) {
        return at(threshold, Weights.ones(scores.length));
    }

    ConfusionMatrix at(double threshold, int[] weights) {
        int[] truth = new int[scores.length];
        int[] said = new int[scores.length];
        for (int i = 0; i < scores.length; i++) {
            truth[i] = positive[i] ? 1 : 0;
            said[i] = scores[i] >= threshold ? 1 : 0;
        }
        return ConfusionMatrix.of(2, truth, said, weights);
    }

    private int endOfTie(int start) {
        int end = start + 1;
        while (end < ranking.length && scores[ranking[end]] == scores[ranking[start]]) {
            end++;
        }
        return end;
    }

    private void requireBoth() {
        if (!measurable()) {
            throw new IllegalStateException("nothing to measure: " + positives + " positives among " + scores.length);
        }
    }
}
