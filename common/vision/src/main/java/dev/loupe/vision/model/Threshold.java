package dev.loupe.vision.model;

/**
 * Where an anomaly detector draws the line: an image is anomalous if its score is at least {@code value}.
 *
 * @param value of the score, finite
 * @param how it was chosen, for people
 */
public record Threshold(double value, String how) {
    public Threshold {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("threshold must be finite, got " + value);
        }
    }
}
