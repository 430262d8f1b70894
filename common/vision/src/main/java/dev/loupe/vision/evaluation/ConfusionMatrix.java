package dev.loupe.vision.evaluation;

/**
 * Counts of true and predicted classes.
 *
 * <p>The definitions are those of scikit-learn 1.x: {@code accuracy_score}, {@code precision_score}, {@code
 * recall_score} and {@code f1_score(average='macro', zero_division=0)}.
 *
 * @param counts counts by true class (row) and predicted class (column); must not be modified
 */
public record ConfusionMatrix(int[][] counts) {
    /** Counts pairs of class indices. */
    public static ConfusionMatrix of(int classes, int[] truth, int[] predicted) {
        if (truth.length != predicted.length) {
            throw new IllegalArgumentException(truth.length + " truths, but " + predicted.length + " predictions");
        }
        int[][] counts = new int[classes][classes];
        for (int i = 0; i < truth.length; i++) {
            counts[truth[i]][predicted[i]]++;
        }
        return new ConfusionMatrix(counts);
    }

    /** Share of images whose class was predicted correctly, 0..1; NaN without images. */
    public double accuracy() {
        int right = 0;
        int all = 0;
        for (int i = 0; i < counts.length; i++) {
            right += counts[i][i];
            all += row(i);
        }
        return (double) right / all;
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
        double sum = 0;
        int present = 0;
        for (int i = 0; i < counts.length; i++) {
            if (row(i) + column(i) > 0) {
                sum += f1(i);
                present++;
            }
        }
        return sum / present;
    }

    private int row(int index) {
        int sum = 0;
        for (int count : counts[index]) {
            sum += count;
        }
        return sum;
    }

    private int column(int index) {
        int sum = 0;
        for (int[] row : counts) {
            sum += row[index];
        }
        return sum;
    }

    private static double ratio(int part, int whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
