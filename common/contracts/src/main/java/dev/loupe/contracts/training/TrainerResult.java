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
 * @param resumedFrom what a checkpoint saved ({@code epoch 7}), null if the attempt began anew
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
     *     {@code STORAGE}, {@code INTERNAL}
     * @param message for people
     * @param retryable whether another attempt may do better
     */
    public record Failure(String reason, String message, boolean retryable) {}

    public TrainerResult {
        metrics = metrics == null ? Map.of() : Map.copyOf(metrics);
    }
}
