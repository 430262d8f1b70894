package dev.loupe.vision.evaluation;

import dev.loupe.model.ClopperPearson;
import dev.loupe.model.Threshold;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.TDistribution;

/** Chooses the threshold between normal and abnormal scores on the DEV images. */
public final class AnomalyThreshold {
    /** Expected share of normal images above the threshold if DEV has no abnormal ones. */
    private static final double FALSE_POSITIVES = 0.05;
    /** With fewer normal DEV images than this, the false-positive rate is too uncertain. */
    static final int FEW_NORMAL = 20;
    /** A spread needs two scores. */
    private static final int FEWEST_WITH_SPREAD = 2;
    /** Upper end of a two-sided 95 % interval. */
    private static final double CONFIDENCE = 0.95;

    private AnomalyThreshold() {}

    /**
     * Chooses the threshold. With abnormal DEV images, it maximizes F1. With normal ones only, it is the lowest
     * threshold that at most one in twenty of them reaches; with fewer than twenty of them, the largest of a few scores
     * says little about the next ones, and it is at least the upper 95 % prediction limit of one more score. It is
     * strictly above the scores that are normal, so an image with the same score as a normal one is normal.
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
        double reached = dev.negativeThreshold(FALSE_POSITIVES);
        if (dev.size() < FEWEST_WITH_SPREAD || dev.size() >= FEW_NORMAL) {
            return threshold(
                    reached, "no abnormal DEV image: at most 5 % of the " + dev.size() + " normal ones reach it");
        }
        return threshold(
                Math.max(reached, predictionLimit(dev)),
                "no abnormal DEV image: expected to be reached by 5 % of normal images, from the mean and the standard"
                        + " deviation of " + dev.size());
    }

    /**
     * The score that one more normal image exceeds with probability {@link #FALSE_POSITIVES} if scores are normally
     * distributed (Hahn and Meeker, Statistical Intervals, section 4.8).
     */
    private static double predictionLimit(BinaryMetrics normal) {
        double[] scores =
                IntStream.range(0, normal.size()).mapToDouble(normal::score).toArray();
        double mean = Arrays.stream(scores).average().orElseThrow();
        double variance = Arrays.stream(scores)
                        .map(score -> (score - mean) * (score - mean))
                        .sum()
                / (scores.length - 1);
        double quantile = TDistribution.of(scores.length - 1).inverseSurvivalProbability(FALSE_POSITIVES);
        return mean + quantile * Math.sqrt(variance * (1 + 1.0 / scores.length));
    }

    /**
     * Returns warnings for users about a threshold that was chosen on these images: of few normal ones, how many are missing
     * and how large the false-alarm rate may be, by the upper end of its 95 % interval (Clopper and Pearson, Biometrika 26,
     * 1934).
     */
    public static List<String> warnings(BinaryMetrics dev, double threshold) {
        int normal = dev.negatives();
        if (normal >= FEW_NORMAL) {
            return List.of();
        }
        int above = (int) IntStream.range(0, dev.size())
                .filter(i -> !dev.isPositive(i) && dev.score(i) >= threshold)
                .count();
        double most = normal == 0
                ? 1
                : ClopperPearson.interval(above, normal, CONFIDENCE).upper();
        return List.of(
                "DEV has %d normal %s, expected at least %d: the threshold calls %d of them abnormal, and may call up to %.0f %% of all normal images abnormal (95 %% interval); add %d normal DEV %s"
                        .formatted(
                                normal,
                                normal == 1 ? "image" : "images",
                                FEW_NORMAL,
                                above,
                                100 * most,
                                FEW_NORMAL - normal,
                                FEW_NORMAL - normal == 1 ? "image" : "images"));
    }

    /** Scores are floats, so the threshold is one as well, rounded up so that it stays above the scores below it. */
    private static Threshold threshold(double value, String how) {
        float rounded = (float) value;
        return new Threshold(rounded < value ? Math.nextUp(rounded) : rounded, how);
    }
}
