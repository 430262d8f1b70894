package dev.loupe.vision.evaluation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds labels that are probably wrong, from probabilities of classes by models that have not learned from the images.
 * The threshold of a class is the mean probability of the class among the images with its label. An image belongs
 * probably to the class whose threshold it reaches; if it reaches several, to the most probable one; if none, to no
 * class. It is a suspect if that class is not its label, unless its label is the most probable class.
 *
 * <p>Source: Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70, 2021,
 * section 3.1 (confident joint). The results are those of cleanlab with the filter {@code confident_learning}, which also
 * leaves out images whose label is the most probable class.
 */
public final class ConfidentLearning {
    /** A probability that is less than a threshold by this reaches it: rounding does not decide. */
    private static final double TOLERANCE = 1e-6;

    private static final int NONE = -1;

    private final int[] labels;
    private final double[][] probabilities;
    private final double[] thresholds;
    private final int[] probable;

    /**
     * An image whose label is probably wrong.
     *
     * @param index of the image
     * @param label index of the class that is its label
     * @param probable index of the class that it probably belongs to
     * @param selfConfidence probability of its label
     * @param margin how probable the label is in comparison: {@code (p + 1 - q) / 2} with the probability p of the label
     *     and the highest one q of another class; 0 to 1, the lower, the more probably wrong
     */
    public record Suspect(int index, int label, int probable, double selfConfidence, double margin) {}

    /**
     * @param labels index of the class of each image
     * @param probabilities for each image the probability of each class, of at least two classes
     */
    public ConfidentLearning(int[] labels, double[][] probabilities) {
        if (labels.length != probabilities.length) {
            throw new IllegalArgumentException(
                    labels.length + " labels, but probabilities of " + probabilities.length + " images");
        }
        int classes = labels.length == 0 ? 0 : probabilities[0].length;
        for (int i = 0; i < labels.length; i++) {
            if (probabilities[i].length != classes || classes < 2 || labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "image %d: expected one of %d classes, of at least two, and a probability of each, got class %d and %d probabilities"
                                .formatted(i, classes, labels[i], probabilities[i].length));
            }
        }
        this.labels = labels.clone();
        this.probabilities = probabilities;
        this.thresholds = thresholds(classes);
        this.probable =
                Arrays.stream(probabilities).mapToInt(this::probableClass).toArray();
    }

    private double[] thresholds(int classes) {
        double[] sums = new double[classes];
        int[] counts = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            sums[labels[i]] += probabilities[i][labels[i]];
            counts[labels[i]]++;
        }
        return IntStream.range(0, classes)
                .mapToDouble(c -> counts[c] == 0 ? Double.POSITIVE_INFINITY : sums[c] / counts[c])
                .toArray();
    }

    private int probableClass(double[] row) {
        int found = NONE;
        int reached = 0;
        for (int c = 0; c < row.length; c++) {
            if (row[c] >= thresholds[c] - TOLERANCE) {
                found = found == NONE ? c : found;
                reached++;
            }
        }
        return reached > 1 ? mostProbable(row) : found;
    }

    private static int mostProbable(double[] row) {
        int most = 0;
        for (int c = 1; c < row.length; c++) {
            most = row[c] > row[most] ? c : most;
        }
        return most;
    }

    /** The threshold of each class; infinite for a class that is no image's label. */
    public double[] thresholds() {
        return thresholds.clone();
    }

    /** Numbers of images by label (row) and class that they probably belong to (column): the confident joint. */
    public int[][] joint() {
        int[][] joint = new int[thresholds.length][thresholds.length];
        for (int i = 0; i < labels.length; i++) {
            if (probable[i] != NONE) {
                joint[labels[i]][probable[i]]++;
            }
        }
        return joint;
    }

    /** The images whose labels are probably wrong, the one with the lowest margin first. */
    public List<Suspect> suspects() {
        return IntStream.range(0, labels.length)
                .filter(i -> probable[i] != NONE && probable[i] != labels[i])
                .filter(i -> margin(i) < 0.5)
                .mapToObj(i -> new Suspect(i, labels[i], probable[i], selfConfidence(i), margin(i)))
                .sorted(Comparator.comparingDouble(Suspect::margin).thenComparingInt(Suspect::index))
                .toList();
    }

    /** Probability of the label of an image. */
    public double selfConfidence(int index) {
        return probabilities[index][labels[index]];
    }

    /** {@link Suspect#margin} of an image, be it a suspect or not. */
    public double margin(int index) {
        double[] row = probabilities[index];
        double other = IntStream.range(0, row.length)
                .filter(c -> c != labels[index])
                .mapToDouble(c -> row[c])
                .max()
                .orElseThrow();
        return (selfConfidence(index) + 1 - other) / 2;
    }
}
