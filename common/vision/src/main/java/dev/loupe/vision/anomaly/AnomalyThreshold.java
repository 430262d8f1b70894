package dev.loupe.vision.anomaly;

import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.model.Threshold;

/** Draws the line between normal and abnormal scores. */
final class AnomalyThreshold {
    /** Share of the normal DEV images that stay below the threshold, where there are no abnormal ones. */
    private static final double NORMAL_SHARE = 0.95;

    private AnomalyThreshold() {}

    /**
     * Chooses on the DEV images: with abnormal ones among them, where F1 is best; with normal ones only, where one in
     * twenty of them would be called abnormal. Their largest score would hang on a single odd picture.
     *
     * @throws IllegalArgumentException if there is no normal DEV image
     */
    static Threshold choose(BinaryMetrics dev) {
        if (dev.measurable()) {
            return threshold(dev.bestF1Threshold(), "best F1 on " + dev.size() + " DEV images");
        }
        if (dev.negatives() == 0) {
            throw new IllegalArgumentException("there is no normal DEV image to choose a threshold on");
        }
        return threshold(
                dev.negativeQuantile(NORMAL_SHARE),
                "no abnormal DEV image: the score that 95 % of the " + dev.size() + " normal ones stay below");
    }

    /** Scores are floats: so is the threshold, and nothing changes when it is stored as one. */
    private static Threshold threshold(double value, String how) {
        return new Threshold((float) value, how);
    }
}
