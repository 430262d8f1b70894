package dev.loupe.contracts.training;

import java.util.Map;

/**
 * How an attempt ended: the trainer's last word, written to object storage as {@code attempts/N/result.json} after
 * everything that it names. No such object: the attempt was lost.
 *
 * @param attempt number of the attempt
 * @param outcome how it ended
 * @param failure why, for {@link Outcome#FAILED}, else null
 * @param metrics on the TEST images, for {@link Outcome#SUCCEEDED}
 * @param packageKey object key of the package's manifest.json, for {@link Outcome#SUCCEEDED}
 * @param packageSha256 its digest
 * @param packageSize its size in bytes
 * @param trainSeconds wall clock from the first to the last step of this attempt
 * @param resumedFrom what a checkpoint saved ({@code epoch 7}), null if the attempt started from the beginning
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
        String resumedFrom) {

    /** Final words of an attempt. */
    public enum Outcome {
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    /**
     * Why an attempt failed.
     *
     * @param reason for machines: {@code BAD_CONFIGURATION}, {@code DATA}, {@code NAN_LOSS}, {@code OUT_OF_MEMORY},
     *     {@code STORAGE}, {@code NO_SPACE}, {@code INTERNAL}
     * @param message for people
     * @param retryable whether another attempt may do better
     */
    public record Failure(String reason, String message, boolean retryable) {
        /** The trainer's disk is full: the attempt is not charged to the run. */
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
        if (outcome == null || (outcome == Outcome.FAILED) != (failure != null)) {
            throw new IllegalArgumentException(
                    "result: expected an outcome, and a failure for FAILED alone, got " + outcome + " and " + failure);
        }
        if (outcome == Outcome.SUCCEEDED && (packageKey == null || packageSha256 == null)) {
            throw new IllegalArgumentException("result: expected a package for SUCCEEDED");
        }
    }
}
