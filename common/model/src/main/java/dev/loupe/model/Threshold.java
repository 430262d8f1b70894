package dev.loupe.model;

/**
 * The threshold of an anomaly detector: an image is anomalous if its score is at least {@code value}.
 *
 * @param value threshold of the score, finite
 * @param how description of how it was chosen
 */
public record Threshold(double value, String how) {
    public Threshold {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("threshold must be finite, got " + value);
        }
    }
}
