package dev.loupe.vision.evaluation;

import dev.loupe.model.Threshold;
import java.util.List;

/** Chooses the threshold between normal and abnormal scores on the DEV images. */
public final class AnomalyThreshold {
    /** Largest share of the normal DEV images above the threshold if there are no abnormal ones. */
    private static final double FALSE_POSITIVES = 0.05;
    /** With fewer normal DEV images than this, the false-positive rate is too uncertain. */
    static final int FEW_NORMAL = 20;

    private AnomalyThreshold() {}

    /**
     * Chooses the threshold. With abnormal DEV images, it maximizes F1; with normal ones only, it is the lowest
     * threshold that at most one in twenty of them reaches. It is strictly above the scores that are normal, so an
     * image with the same score as a normal one is normal.
     *
     * @throws IllegalArgumentException if there is no normal DEV image
     */
    public static Threshold choose(BinaryMetrics dev) {
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

    /** Returns warnings for users about a threshold that was chosen on these images. */
    public static List<String> warnings(BinaryMetrics dev) {
        if (dev.negatives() >= FEW_NORMAL) {
            return List.of();
        }
        return List.of("DEV has %d normal %s, expected at least %d: the threshold may call many normal images abnormal"
                .formatted(dev.negatives(), dev.negatives() == 1 ? "image" : "images", FEW_NORMAL));
    }

    /** Scores are floats, so the threshold is one as well, rounded up so that it stays above the scores below it. */
    private static Threshold threshold(double value, String how) {
        float rounded = (float) value;
        return new Threshold(rounded < value ? Math.nextUp(rounded) : rounded, how);
    }
}
