package dev.loupe.vision.training;

import dev.loupe.contracts.Task;
import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.evaluation.ConfusionMatrix;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Compares the answers of two models for the same images, and decides whether the second may replace the first.
 *
 * @param metric name of the compared metric: {@code accuracy} of a classifier, {@code auroc} of an anomaly detector, or
 *     its {@code accuracy} at the threshold if all images are normal, or all are abnormal
 * @param fp32 the metric of the first model
 * @param int8 the metric of the second
 * @param agreement share of the images for which both decide the same
 * @param images number of images
 */
record QuantizationGate(String metric, double fp32, double int8, double agreement, int images) {
    /** Most that the metric may fall. */
    static final double MAX_LOSS = 0.005;
    /** Least share of images with the same decision. */
    static final double MIN_AGREEMENT = 0.99;
    /** Least number of images: fewer say little about the share. */
    static final int MIN_IMAGES = 20;

    private static final double ROUNDING = 1e-9;

    /**
     * The answer of a model for an image.
     *
     * @param decision number of the label that it decides for
     * @param score score of an anomaly detector, 0 of a classifier
     */
    record Answer(int decision, double score) {}

    /**
     * Compares the answers.
     *
     * @param truth number of the true label of each image
     * @param labels number of labels
     */
    static QuantizationGate of(Task task, int labels, int[] truth, List<Answer> before, List<Answer> after) {
        long same = IntStream.range(0, truth.length)
                .filter(i -> before.get(i).decision() == after.get(i).decision())
                .count();
        double agreement = (double) same / truth.length;
        boolean ranked = task == Task.ANOMALY_DETECTION && scores(truth, before).measurable();
        return ranked
                ? new QuantizationGate(
                        "auroc",
                        scores(truth, before).auroc(),
                        scores(truth, after).auroc(),
                        agreement,
                        truth.length)
                : new QuantizationGate(
                        "accuracy",
                        accuracy(labels, truth, before),
                        accuracy(labels, truth, after),
                        agreement,
                        truth.length);
    }

    private static BinaryMetrics scores(int[] truth, List<Answer> answers) {
        boolean[] abnormal = new boolean[truth.length];
        for (int i = 0; i < abnormal.length; i++) {
            abnormal[i] = truth[i] == 1;
        }
        return new BinaryMetrics(answers.stream().mapToDouble(Answer::score).toArray(), abnormal);
    }

    private static double accuracy(int labels, int[] truth, List<Answer> answers) {
        return ConfusionMatrix.of(
                        labels,
                        truth,
                        answers.stream().mapToInt(Answer::decision).toArray())
                .accuracy();
    }

    /** Why the second model may not replace the first, null if it may. */
    String refusal() {
        if (fp32 - int8 > MAX_LOSS + ROUNDING) {
            return String.format(
                    Locale.ROOT,
                    "%s on DEV falls from %.4f to %.4f, expected a fall of at most %s",
                    metric,
                    fp32,
                    int8,
                    MAX_LOSS);
        }
        if (agreement < MIN_AGREEMENT - ROUNDING) {
            return String.format(
                    Locale.ROOT,
                    "decisions agree on %.1f %% of %d DEV images, expected at least %.0f %%",
                    100 * agreement,
                    images,
                    100 * MIN_AGREEMENT);
        }
        return null;
    }
}
