package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How much better one model is than another one on the same images: the difference of a metric with its 95 % interval, from
 * resamples of the images in which both models are measured. Deterministic for given images and seed.
 *
 * <p>Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
 */
public final class PairedDifference {
    /** With fewer images, or fewer of the normal or abnormal ones than half as many, resamples are too much alike. */
    static final int MIN_IMAGES = 10;

    private static final String DIFFERENCE = "difference";

    private PairedDifference() {}

    /**
     * The accuracy of a model minus that of another one. Resamples are not stratified: of a label with one image, a
     * stratified resample always has the same one, which would make the interval too narrow.
     *
     * @param right for each image, whether the model is right
     * @param otherRight for each image, whether the other one is; at least one image
     * @return without an interval if there are fewer than {@value #MIN_IMAGES} images
     */
    public static Estimate ofAccuracy(boolean[] right, boolean[] otherRight, long seed) {
        double[] differences = IntStream.range(0, right.length)
                .mapToDouble(i -> (right[i] ? 1 : 0) - (otherRight[i] ? 1 : 0))
                .toArray();
        Estimate estimate = new Intervals(new int[right.length], seed)
                .measure(weights -> Map.of(DIFFERENCE, Weights.mean(differences, weights)))
                .get(DIFFERENCE);
        return right.length < MIN_IMAGES ? new Estimate(estimate.value(), null, null) : estimate;
    }

    /**
     * The AUROC of a model minus that of another one. Resamples have as many normal and abnormal images as the images.
     *
     * @param scores scores of the model, of normal and abnormal images
     * @param others scores of the other one for the same images
     * @return without an interval if there are fewer than 5 normal or abnormal images
     */
    public static Estimate ofAuroc(BinaryMetrics scores, BinaryMetrics others, long seed) {
        int[] truth = IntStream.range(0, scores.size())
                .map(i -> scores.isPositive(i) ? 1 : 0)
                .toArray();
        Estimate estimate = new Intervals(truth, seed)
                .measure(weights -> Map.of(DIFFERENCE, scores.auroc(weights) - others.auroc(weights)))
                .get(DIFFERENCE);
        int fewer = Math.min(scores.negatives(), scores.positives());
        return fewer < MIN_IMAGES / 2 ? new Estimate(estimate.value(), null, null) : estimate;
    }
}
