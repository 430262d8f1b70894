package dev.loupe.vision.evaluation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well a score tells positives (abnormal) from negatives (normal): higher scores should be positives.
 *
 * <p>The definitions are those of scikit-learn 1.x: {@code roc_auc_score}, {@code average_precision_score} and {@code
 * precision_recall_curve}.
 */
public final class BinaryMetrics {
    private final double[] scores;
    private final boolean[] positive;
    private final int positives;
    /** Indices by falling score. */
    private final int[] ranking;

    /**
     * @param scores finite
     * @param positive the truth, as many as there are scores
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

    /** How many scores there are. */
    public int size() {
        return scores.length;
    }

    /** The score at an index, 0..{@link #size()} - 1, in the order in which they were given. */
    public double score(int index) {
        return scores[index];
    }

    /** How many of them are of negatives. */
    public int negatives() {
        return scores.length - positives;
    }

    /** Whether there are both positives and negatives: without, nothing can be measured. */
    public boolean measurable() {
        return positives > 0 && positives < scores.length;
    }

    /**
     * Area under the ROC curve: the probability that a positive has a higher score than a negative, ties count half.
     *
     * @throws IllegalStateException unless {@link #measurable()}
     */
    public double auroc() {
        requireBoth();
        double area = 0;
        int truePositives = 0;
        for (int i = 0; i < ranking.length; ) {
            int end = endOfTie(i);
            int tied = 0;
            for (int j = i; j < end; j++) {
                tied += positive[ranking[j]] ? 1 : 0;
            }
            area += (end - i - tied) * (truePositives + tied / 2.0);
            truePositives += tied;
            i = end;
        }
        return area / ((double) positives * (scores.length - positives));
    }

    /**
     * Average precision: the precision at each threshold, weighted by the recall that it gains.
     *
     * @throws IllegalStateException unless {@link #measurable()}
     */
    public double averagePrecision() {
        requireBoth();
        double sum = 0;
        int truePositives = 0;
        for (int i = 0; i < ranking.length; ) {
            int end = endOfTie(i);
            int before = truePositives;
            for (int j = i; j < end; j++) {
                truePositives += positive[ranking[j]] ? 1 : 0;
            }
            sum += (truePositives - before) * (double) truePositives / end;
            i = end;
        }
        return sum / positives;
    }

    /**
     * The threshold of the best F1 ("positive from it on"), in the middle between the two neighbouring scores so that it
     * does not hang on one picture's noise; of several the highest.
     *
     * @throws IllegalStateException unless {@link #measurable()}
     */
    public double bestF1Threshold() {
        requireBoth();
        double best = -1;
        double threshold = 0;
        int truePositives = 0;
        for (int i = 0; i < ranking.length; ) {
            int end = endOfTie(i);
            for (int j = i; j < end; j++) {
                truePositives += positive[ranking[j]] ? 1 : 0;
            }
            double f1 = 2.0 * truePositives / (end + positives);
            if (f1 > best) {
                best = f1;
                double here = scores[ranking[end - 1]];
                threshold = end == ranking.length ? here : (here + scores[ranking[end]]) / 2;
            }
            i = end;
        }
        return threshold;
    }

    /** Truths against what a threshold says: row and column 0 are the negatives. */
    public ConfusionMatrix at(double threshold) {
        int[] truth = new int[scores.length];
        int[] said = new int[scores.length];
        for (int i = 0; i < scores.length; i++) {
            truth[i] = positive[i] ? 1 : 0;
            said[i] = scores[i] >= threshold ? 1 : 0;
        }
        return ConfusionMatrix.of(2, truth, said);
    }

    /** The score below which a share of the negatives lies: linear between the order statistics, as numpy.quantile. */
    public double negativeQuantile(double share) {
        double[] sorted = IntStream.range(0, scores.length)
                .filter(i -> !positive[i])
                .mapToDouble(i -> scores[i])
                .toArray();
        if (sorted.length == 0) {
            throw new IllegalStateException("there are no negatives");
        }
        Arrays.sort(sorted);
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
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
