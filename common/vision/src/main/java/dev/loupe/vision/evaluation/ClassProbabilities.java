package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.CalibrationBin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures probabilities of classes against the true classes.
 *
 * <p>The definitions are those of scikit-learn 1.x: {@code log_loss}, {@code brier_score_loss(scale_by_half=False)} and,
 * but for ties, {@code top_k_accuracy_score}. The calibration error is that of Guo et al., "On Calibration of Modern
 * Neural Networks", ICML 2017, with {@value #BINS} bins.
 */
public final class ClassProbabilities {
    static final int BINS = 15;
    /** Least probability in the log loss. */
    private static final double EPSILON = Math.ulp(1.0);

    private final int classes;
    private final int[] truth;
    private final double[][] probabilities;
    private final int[] predicted;
    /** Number of classes that are more probable than the true one. */
    private final int[] ranks;

    private final double[] logLosses;
    private final double[] squaredErrors;

    /**
     * @param classes number of classes
     * @param truth index of the true class of each image
     * @param rows for each image the probability of each class; their sum is scaled to 1
     */
    public ClassProbabilities(int classes, int[] truth, double[][] rows) {
        if (truth.length != rows.length) {
            throw new IllegalArgumentException(truth.length + " truths, but " + rows.length + " predictions");
        }
        this.classes = classes;
        this.truth = truth.clone();
        this.probabilities = Arrays.stream(rows).map(this::normalised).toArray(double[][]::new);
        int size = truth.length;
        this.predicted = new int[size];
        this.ranks = new int[size];
        this.logLosses = new double[size];
        this.squaredErrors = new double[size];
        for (int i = 0; i < size; i++) {
            double[] row = probabilities[i];
            double right = row[truth[i]];
            logLosses[i] = -Math.log(Math.clamp(right, EPSILON, 1 - EPSILON));
            for (int c = 0; c < classes; c++) {
                predicted[i] = row[c] > row[predicted[i]] ? c : predicted[i];
                ranks[i] += row[c] > right || row[c] == right && c < truth[i] ? 1 : 0;
                squaredErrors[i] += Math.pow(row[c] - (c == truth[i] ? 1 : 0), 2);
            }
        }
    }

    private double[] normalised(double[] row) {
        double sum = Arrays.stream(row).sum();
        if (row.length != classes || !(sum > 0) || sum == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "expected " + classes + " probabilities with sum 1, got " + row.length + " with sum " + sum);
        }
        return Arrays.stream(row).map(value -> value / sum).toArray();
    }

    /** Number of images. */
    int size() {
        return truth.length;
    }

    /** Number of classes. */
    int classes() {
        return classes;
    }

    /** Index of the true class of each image. */
    int[] truth() {
        return truth.clone();
    }

    /** Counts of true and most probable classes; of equally probable ones, the first one. */
    ConfusionMatrix confusion(int[] weights) {
        return ConfusionMatrix.of(classes, truth, predicted, weights);
    }

    /** Share of the images whose true class is among the k most probable ones; of equally probable ones, the first. */
    double topAccuracy(int k, int[] weights) {
        return Weights.mean(
                Arrays.stream(ranks).mapToDouble(rank -> rank < k ? 1 : 0).toArray(), weights);
    }

    /** Mean of -ln of the probability of the true class. */
    public double logLoss() {
        return logLoss(Weights.ones(size()));
    }

    double logLoss(int[] weights) {
        return Weights.mean(logLosses, weights);
    }

    /** Mean sum of the squared errors of the probabilities, 0..2. */
    double brier(int[] weights) {
        return Weights.mean(squaredErrors, weights);
    }

    /** Scores of one class against all others. */
    BinaryMetrics versusRest(int index) {
        double[] scores = new double[truth.length];
        boolean[] positive = new boolean[truth.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = probabilities[i][index];
            positive[i] = truth[i] == index;
        }
        return new BinaryMetrics(scores, positive);
    }

    /** The predictions by probability. */
    List<CalibrationBin> bins() {
        int[] images = new int[BINS];
        int[] right = new int[BINS];
        double[] confidence = new double[BINS];
        for (int i = 0; i < truth.length; i++) {
            double probability = probabilities[i][predicted[i]];
            int bin = Math.clamp((int) Math.ceil(probability * BINS) - 1, 0, BINS - 1);
            images[bin]++;
            confidence[bin] += probability;
            right[bin] += predicted[i] == truth[i] ? 1 : 0;
        }
        List<CalibrationBin> bins = new ArrayList<>();
        for (int i = 0; i < BINS; i++) {
            boolean empty = images[i] == 0;
            bins.add(new CalibrationBin(
                    (double) i / BINS,
                    (i + 1.0) / BINS,
                    images[i],
                    empty ? null : confidence[i] / images[i],
                    empty ? null : (double) right[i] / images[i]));
        }
        return bins;
    }

    /** Expected calibration error: mean difference of probability and share of right predictions of the bins. */
    double calibrationError() {
        return bins().stream()
                        .filter(bin -> bin.images() > 0)
                        .mapToDouble(bin -> bin.images() * Math.abs(bin.confidence() - bin.accuracy()))
                        .sum()
                / truth.length;
    }

    /** These predictions with the probabilities {@code p^(1/temperature)}, scaled to a sum of 1. */
    ClassProbabilities at(double temperature) {
        double[][] rows = new double[truth.length][];
        for (int i = 0; i < rows.length; i++) {
            double most = probabilities[i][predicted[i]]; // so that the largest term is 1, and no sum underflows
            rows[i] = Arrays.stream(probabilities[i])
                    .map(value -> Math.pow(value / most, 1 / temperature))
                    .toArray();
        }
        return new ClassProbabilities(classes, truth, rows);
    }
}
