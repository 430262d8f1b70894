package dev.loupe.contracts.training;

import java.util.List;
import java.util.Map;

/**
 * Result of an attempt. The trainer writes it to object storage as {@code attempts/N/result.json}, after all objects
 * that it names. If it is missing when the trainer has ended, the attempt was lost.
 *
 * @param attempt number of the attempt
 * @param outcome outcome of the attempt
 * @param failure reason, for {@link Outcome#FAILED}, else null
 * @param metrics metrics on the TEST images, for {@link Outcome#SUCCEEDED}
 * @param packageKey object key of the package's manifest.json, for a training that {@link Outcome#SUCCEEDED}
 * @param packageSha256 SHA-256 of the package's manifest.json
 * @param packageSize size of the package's manifest.json in bytes
 * @param trainSeconds wall-clock time from the first to the last step of this attempt
 * @param resumedFrom position of the checkpoint ({@code epoch 7}), null if the attempt started from the beginning
 * @param selection how the recipe chose among others, null if it did not
 * @param devMetrics metrics on the DEV images, for a training that {@link Outcome#SUCCEEDED}; empty if the recipe measures
 *     none
 * @param testCounts right predictions for the TEST images; null if there are no results for them, or in old results
 * @param control what a control reaches, for a training whose {@link TrainerSpec} asks for one; null if it has none
 * @param warnings warnings for users of the model, in whole sentences; empty if there are none
 */
public record TrainerResult(
        int attempt,
        Outcome outcome,
        Failure failure,
        Map<String, Double> metrics,
        String packageKey,
        String packageSha256,
        long packageSize,
        double trainSeconds,
        String resumedFrom,
        Selection selection,
        Map<String, Double> devMetrics,
        PredictionCounts testCounts,
        Control control,
        List<String> warnings) {

    /** Outcome of an attempt. */
    public enum Outcome {
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    /**
     * Why an attempt failed.
     *
     * @param reason code for machines: {@code BAD_CONFIGURATION}, {@code DATA}, {@code NAN_LOSS}, {@code
     *     INVALID_MODEL}, {@code OUT_OF_MEMORY}, {@code STORAGE}, {@code NO_SPACE}, {@code INTERNAL}
     * @param message message for people
     * @param retryable whether another attempt may succeed
     */
    public record Failure(String reason, String message, boolean retryable) {
        /** The trainer's disk is full: the attempt does not count towards the run's limit. */
        public static final String NO_SPACE = "NO_SPACE";

        public Failure {
            if (reason == null || !reason.matches("[A-Z_]{1,40}")) {
                throw new IllegalArgumentException(
                        "failure: expected a reason of capital letters, got '" + reason + "'");
            }
            message = message == null ? "" : message.replace('\0', '?');
        }
    }

    public TrainerResult {
        metrics = Metrics.check(metrics);
        devMetrics = Metrics.check(devMetrics);
        warnings = warnings == null ? List.of() : List.copyOf(warnings);
        if (outcome == null || (outcome == Outcome.FAILED) != (failure != null)) {
            throw new IllegalArgumentException(
                    "result: expected an outcome, and a failure for FAILED alone, got " + outcome + " and " + failure);
        }
        if ((packageKey == null) != (packageSha256 == null)) {
            throw new IllegalArgumentException("result: expected key and sha256 of a package, or neither, got "
                    + packageKey + ", " + packageSha256);
        }
    }

    /** A result without counts on TEST, control and warnings. */
    public TrainerResult(
            int attempt,
            Outcome outcome,
            Failure failure,
            Map<String, Double> metrics,
            String packageKey,
            String packageSha256,
            long packageSize,
            double trainSeconds,
            String resumedFrom,
            Selection selection,
            Map<String, Double> devMetrics) {
        this(
                attempt,
                outcome,
                failure,
                metrics,
                packageKey,
                packageSha256,
                packageSize,
                trainSeconds,
                resumedFrom,
                selection,
                devMetrics,
                null,
                null,
                null);
    }

    /** Returns this result with counts on TEST. */
    public TrainerResult withTestCounts(PredictionCounts counts) {
        return with(counts, control, warnings);
    }

    /** A result without metrics on DEV, counts, control and warnings. */
    public TrainerResult(
            int attempt,
            Outcome outcome,
            Failure failure,
            Map<String, Double> metrics,
            String packageKey,
            String packageSha256,
            long packageSize,
            double trainSeconds,
            String resumedFrom,
            Selection selection) {
        this(
                attempt,
                outcome,
                failure,
                metrics,
                packageKey,
                packageSha256,
                packageSize,
                trainSeconds,
                resumedFrom,
                selection,
                null);
    }

    /** The same result with a control. */
    public TrainerResult with(Control measured) {
        return with(testCounts, measured, warnings);
    }

    /** The same result with warnings for users of the model. */
    public TrainerResult withWarnings(List<String> ofModel) {
        return with(testCounts, control, ofModel);
    }

    private TrainerResult with(PredictionCounts counts, Control measured, List<String> ofModel) {
        return new TrainerResult(
                attempt,
                outcome,
                failure,
                metrics,
                packageKey,
                packageSha256,
                packageSize,
                trainSeconds,
                resumedFrom,
                selection,
                devMetrics,
                counts,
                measured,
                ofModel);
    }
}
