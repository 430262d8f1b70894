package dev.loupe.inference.traffic;

import java.time.Instant;
import java.util.UUID;

/**
 * An image that the candidate and its holder have predicted differently.
 *
 * @param id increases with time
 * @param imageSha256 digest of the encoded image, null if the request had a tensor
 * @param holderAnswer label of a classifier; {@code normal} or {@code abnormal} of a detector
 * @param holderScore probability of the label, or anomaly score; those of two detectors are not comparable
 */
public record Disagreement(
        UUID id,
        Instant predictedAt,
        String imageSha256,
        String holderAnswer,
        double holderScore,
        String candidateAnswer,
        double candidateScore) {}
