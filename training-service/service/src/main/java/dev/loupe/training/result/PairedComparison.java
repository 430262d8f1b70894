package dev.loupe.training.result;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Two models on the same TEST images.
 *
 * @param images number of images
 * @param bothRight number of images that both are right on
 * @param onlyRunRight number of images that only the run is right on
 * @param onlyOtherRight number of images that only the other run is right on
 * @param bothWrong number of images that both are wrong on
 * @param accuracy share of right predictions of the run
 * @param otherAccuracy share of right predictions of the other run
 * @param difference {@code accuracy} minus {@code otherAccuracy}, with its interval
 * @param pValue of McNemar's exact test, two-sided
 */
@Schema(name = "PairedComparison")
record PairedComparison(
        @Schema(required = true) int images,
        @Schema(required = true) int bothRight,
        @Schema(required = true) int onlyRunRight,
        @Schema(required = true) int onlyOtherRight,
        @Schema(required = true) int bothWrong,
        @Schema(required = true) double accuracy,
        @Schema(required = true) double otherAccuracy,
        @Schema(required = true) Difference difference,
        @Schema(required = true) double pValue) {
    private static final int RESAMPLES = 1000;
    private static final double CONFIDENCE = 0.95;
    private static final long SEED = 1;

    /**
     * A difference with its 95 % interval.
     *
     * @param value measured on all images
     * @param low lower end of its interval
     * @param high upper end of its interval
     */
    @Schema(name = "AccuracyDifference")
    record Difference(
            @Schema(required = true) double value,
            @Schema(required = true) double low,
            @Schema(required = true) double high) {}

    /** Which of two models is right on an image. */
    enum Outcome {
        ONLY_OTHER_RIGHT,
        ONLY_RUN_RIGHT,
        BOTH_WRONG,
        BOTH_RIGHT;

        static Outcome of(boolean run, boolean other) {
            if (run) {
                return other ? BOTH_RIGHT : ONLY_RUN_RIGHT;
            }
            return other ? ONLY_OTHER_RIGHT : BOTH_WRONG;
        }
    }

    /**
     * An image that two models predict different labels for.
     *
     * @param sha256 digest of the image
     * @param name name of the uploaded file
     * @param truth its label in the dataset version
     * @param outcome which model is right
     * @param predicted label that the run predicts
     * @param score its probability, or the anomaly score
     * @param otherPredicted label that the other run predicts
     * @param otherScore its probability, or the anomaly score
     */
    @Schema(name = "Disagreement")
    record Disagreement(
            @Schema(required = true) String sha256,
            @Schema(required = true) String name,
            @Schema(required = true) String truth,
            @Schema(required = true) Outcome outcome,
            @Schema(required = true) String predicted,
            @Schema(required = true) double score,
            @Schema(required = true) String otherPredicted,
            @Schema(required = true) double otherScore) {
        static Disagreement of(TestResult run, TestResult other) {
            return new Disagreement(
                    run.sha256(),
                    run.name(),
                    run.truth(),
                    Outcome.of(run.right(), other.right()),
                    run.predicted(),
                    run.score(),
                    other.predicted(),
                    other.score());
        }
    }

    /**
     * @param run results of the run
     * @param other results of the other run for the same images, in the same order
     */
    static PairedComparison of(List<TestResult> run, List<TestResult> other) {
        int[] counts = new int[Outcome.values().length];
        int[] differences = new int[run.size()];
        for (int i = 0; i < differences.length; i++) {
            Outcome outcome = Outcome.of(run.get(i).right(), other.get(i).right());
            counts[outcome.ordinal()]++;
            differences[i] = outcome == Outcome.ONLY_RUN_RIGHT ? 1 : outcome == Outcome.ONLY_OTHER_RIGHT ? -1 : 0;
        }
        int bothRight = counts[Outcome.BOTH_RIGHT.ordinal()];
        int onlyRun = counts[Outcome.ONLY_RUN_RIGHT.ordinal()];
        int onlyOther = counts[Outcome.ONLY_OTHER_RIGHT.ordinal()];
        return new PairedComparison(
                run.size(),
                bothRight,
                onlyRun,
                onlyOther,
                counts[Outcome.BOTH_WRONG.ordinal()],
                (double) (bothRight + onlyRun) / run.size(),
                (double) (bothRight + onlyOther) / run.size(),
                difference(run.stream().map(TestResult::truth).toList(), differences),
                McNemar.pValue(onlyRun, onlyOther));
    }

    /**
     * Returns the images with different predictions: first those that only the other run is right on.
     *
     * @param run results of the run
     * @param other results of the other run for the same images, in the same order
     */
    static List<Disagreement> disagreements(List<TestResult> run, List<TestResult> other) {
        return IntStream.range(0, run.size())
                .filter(i -> !run.get(i).predicted().equals(other.get(i).predicted()))
                .mapToObj(i -> Disagreement.of(run.get(i), other.get(i)))
                .sorted(Comparator.comparing(Disagreement::outcome).thenComparing(Disagreement::sha256))
                .toList();
    }

    /**
     * The percentile bootstrap of the mean difference: resamples of the images, each with as many images of each true
     * label as there are.
     */
    static Difference difference(List<String> truths, int[] differences) {
        Map<String, List<Integer>> byLabel = new TreeMap<>();
        for (int i = 0; i < differences.length; i++) {
            byLabel.computeIfAbsent(truths.get(i), _ -> new ArrayList<>()).add(differences[i]);
        }
        List<int[]> strata = byLabel.values().stream()
                .map(stratum -> stratum.stream().mapToInt(i -> i).toArray())
                .toList();
        SplittableRandom random = new SplittableRandom(SEED);
        double[] means = new double[RESAMPLES];
        for (int resample = 0; resample < RESAMPLES; resample++) {
            long sum = 0;
            for (int[] stratum : strata) {
                for (int i = 0; i < stratum.length; i++) {
                    sum += stratum[random.nextInt(stratum.length)];
                }
            }
            means[resample] = (double) sum / differences.length;
        }
        Arrays.sort(means);
        return new Difference(
                Arrays.stream(differences).average().orElse(0),
                quantile(means, (1 - CONFIDENCE) / 2),
                quantile(means, (1 + CONFIDENCE) / 2));
    }

    /** Interpolates linearly between sorted values. */
    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        return sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
    }
}
