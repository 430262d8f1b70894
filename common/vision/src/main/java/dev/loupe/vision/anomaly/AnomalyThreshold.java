package dev.loupe.vision.anomaly;

import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.model.Threshold;
import java.util.List;

/** Chooses the threshold between normal and abnormal scores on the DEV images. */
final class AnomalyThreshold {
    /** Share of the normal DEV images that may be called abnormal, where there are no abnormal ones. */
    private static final double FALSE_POSITIVES = 0.05;
    /** With fewer normal DEV images than this, the share of false positives is not known well enough. */
    static final int FEW_NORMAL = 20;

    private AnomalyThreshold() {}

    /**
     * Chooses the threshold: with abnormal DEV images, where F1 is best; with normal ones only, the lowest that at most
     * one in twenty of them reaches. It is strictly above the scores that stay normal, so images that equal a normal one
     * are normal.
     *
     * @throws IllegalArgumentException if there is no normal DEV image
     */
    static Threshold choose(BinaryMetrics dev) {
        if (dev.negatives() == 0) {
            throw new IllegalArgumentException("there is no normal DEV image to choose a threshold on");
        }
        if (dev.measurable()) {
            return threshold(dev.bestF1Threshold(), "best F1 on " + dev.size() + " DEV images");
        }
        return threshold(
                dev.negativeThreshold(FALSE_POSITIVES),
                "no abnormal DEV image: at most 5 % of the " + dev.size() + " normal ones reach it");
    }

    /** What a user should know about a threshold that was chosen on these images. */
    static List<String> warnings(BinaryMetrics dev) {
        if (dev.negatives() >= FEW_NORMAL) {
            return List.of();
        }
        return List.of("DEV has %d normal %s, expected at least %d: the threshold may call many normal images abnormal"
                .formatted(dev.negatives(), dev.negatives() == 1 ? "image" : "images", FEW_NORMAL));
    }

    /** Scores are floats: so is the threshold, rounded up so that it stays above the scores that are below it. */
    private static Threshold threshold(double value, String how) {
        float rounded = (float) value;
        return new Threshold(rounded < value ? Math.nextUp(rounded) : rounded, how);
    }
}
