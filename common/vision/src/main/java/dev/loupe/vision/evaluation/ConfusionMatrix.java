package dev.loupe.vision.evaluation;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Counts of true and predicted classes.
 *
 * <p>The definitions are those of scikit-learn 1.x: {@code accuracy_score}, {@code balanced_accuracy_score},
 * {@code precision_score}, {@code recall_score} and {@code f1_score} with {@code zero_division=0}, {@code
 * cohen_kappa_score} and {@code matthews_corrcoef}.
 */
public final class ConfusionMatrix {
    private final int[][] counts;
    private final int[] rows;
    private final int[] columns;

    private ConfusionMatrix(int[][] counts) {
        this.counts = counts;
        this.rows = new int[counts.length];
        this.columns = new int[counts.length];
        for (int row = 0; row < counts.length; row++) {
            for (int column = 0; column < counts.length; column++) {
                rows[row] += counts[row][column];
                columns[column] += counts[row][column];
            }
        }
    }

    /** Counts pairs of class indices. */
    public static ConfusionMatrix of(int classes, int[] truth, int[] predicted) {
        return of(classes, truth, predicted, Weights.ones(truth.length));
    }

    /**
     * Counts pairs of class indices.
     *
     * @param weights how many times each pair counts
     */
    static ConfusionMatrix of(int classes, int[] truth, int[] predicted, int[] weights) {
        if (truth.length != predicted.length) {
            throw new IllegalArgumentException(truth.length + " truths, but " + predicted.length + " predictions");
        }
        int[][] counts = new int[classes][classes];
        for (int i = 0; i < truth.length; i++) {
            counts[truth[i]][predicted[i]] += weights[i];
        }
        return new ConfusionMatrix(counts);
    }

    /** Counts by true class (row) and predicted class (column); must not be modified. */
    public int[][] counts() {
        return counts;
    }

    /** Share of images whose class was predicted correctly, 0..1; NaN without images. */
    public double accuracy() {
        int right = 0;
        for (int i = 0; i < counts.length; i++) {
            right += counts[i][i];
        }
        return (double) right / size();
    }

    /** Share of the images predicted as a class that belong to it; 0 if there are none. */
    public double precision(int index) {
        return ratio(counts[index][index], column(index));
    }

    /** Share of the images of a class that were predicted as it; 0 if there are none. */
    public double recall(int index) {
        return ratio(counts[index][index], row(index));
    }

    /** Harmonic mean of precision and recall of a class; 0 if it neither occurs nor was predicted. */
    public double f1(int index) {
        return ratio(2 * counts[index][index], row(index) + column(index));
    }

    /** Mean F1 of the classes that occur or were predicted. */
    public double macroF1() {
        return macro(this::f1);
    }

    /** Mean of a figure of the classes that occur or were predicted. */
    double macro(IntToDoubleFunction figure) {
        return IntStream.range(0, counts.length)
                .filter(i -> row(i) + column(i) > 0)
                .mapToDouble(figure)
                .average()
                .orElse(Double.NaN);
    }

    /** Mean of a figure of the classes, each weighted by the number of its images; NaN without images. */
    double weighted(IntToDoubleFunction figure) {
        double sum = IntStream.range(0, counts.length)
                .mapToDouble(i -> row(i) * figure.applyAsDouble(i))
                .sum();
        return sum / size();
    }

    /** Mean recall of the classes that occur; NaN without images. */
    double balancedAccuracy() {
        return IntStream.range(0, counts.length)
                .filter(i -> row(i) > 0)
                .mapToDouble(this::recall)
                .average()
                .orElse(Double.NaN);
    }

    /** Cohen's kappa, -1..1: agreement beyond chance; NaN if only one class occurs and is predicted. */
    double kappa() {
        double all = size();
        double chance = 0;
        for (int i = 0; i < counts.length; i++) {
            chance += row(i) / all * (column(i) / all);
        }
        return (accuracy() - chance) / (1 - chance);
    }

    /** Matthews correlation coefficient, -1..1; 0 if only one class occurs, or only one is predicted. */
    double mcc() {
        double all = size();
        double right = 0;
        double both = 0;
        double truths = 0;
        double predictions = 0;
        for (int i = 0; i < counts.length; i++) {
            right += counts[i][i];
            both += (double) row(i) * column(i);
            truths += (double) row(i) * row(i);
            predictions += (double) column(i) * column(i);
        }
        double product = (all * all - predictions) * (all * all - truths);
        return product == 0 ? 0 : (right * all - both) / Math.sqrt(product);
    }

    /** Number of images. */
    int size() {
        return IntStream.of(rows).sum();
    }

    /** Number of images of a class. */
    int row(int index) {
        return rows[index];
    }

    /** Number of images predicted as a class. */
    int column(int index) {
        return columns[index];
    }

    private static double ratio(int part, int whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
