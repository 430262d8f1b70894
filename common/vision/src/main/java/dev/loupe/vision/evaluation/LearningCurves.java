package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.training.LearningCurve;
import dev.loupe.contracts.training.LearningCurve.Law;
import dev.loupe.contracts.training.LearningCurve.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The learning curve through the accuracy of heads that have learned from parts of TRAIN. Its intervals are those of the
 * DEV images: the curve is fitted to each bootstrap resample of them.
 */
public final class LearningCurves {
    private static final String GAIN = "gain";

    /**
     * What the heads predict that have learned from a part of TRAIN.
     *
     * @param images number of images that each head has learned from
     * @param right by repeat, and then by DEV image: whether the prediction is right
     */
    public record Part(int images, boolean[][] right) {}

    private LearningCurves() {}

    /**
     * Fits the curve.
     *
     * @param parts the parts, the smallest first
     * @param devClasses class of each DEV image
     * @param backbone name of the backbone
     */
    public static LearningCurve of(List<Part> parts, int[] devClasses, String backbone, long seed) {
        Map<String, Estimate> measured = new Intervals(devClasses, seed).measure(weights -> measure(parts, weights));
        PowerLaw law = fit(parts, Weights.ones(devClasses.length));
        // Nothing is known of fewer images than the smallest part has.
        double sufficient = Math.max(parts.getFirst().images(), law.imagesWhereDoublingGains(LearningCurve.SMALL_GAIN));
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            points.add(new Point(parts.get(i).images(), measured.get(Integer.toString(i))));
        }
        return new LearningCurve(
                null,
                backbone,
                devClasses.length,
                points,
                new Law(law.n0(), law.a(), law.b(), law.c()),
                measured.get(GAIN),
                sufficient <= LearningCurve.MAX_EXTRAPOLATION * law.n0() ? (int) Math.ceil(sufficient) : null);
    }

    private static Map<String, Double> measure(List<Part> parts, int[] weights) {
        Map<String, Double> measured = new LinkedHashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            measured.put(Integer.toString(i), 1 - error(parts.get(i), weights));
        }
        PowerLaw law = fit(parts, weights);
        measured.put(GAIN, law.gainOfDoubling(law.n0()));
        return measured;
    }

    private static PowerLaw fit(List<Part> parts, int[] weights) {
        return PowerLaw.fit(
                parts.stream().mapToDouble(Part::images).toArray(),
                parts.stream().mapToDouble(part -> error(part, weights)).toArray());
    }

    /** Mean share of wrong predictions of the repeats. */
    private static double error(Part part, int[] weights) {
        long wrong = 0;
        for (boolean[] right : part.right()) {
            for (int i = 0; i < right.length; i++) {
                wrong += right[i] ? 0 : weights[i];
            }
        }
        return (double) wrong / part.right().length / IntStream.of(weights).sum();
    }
}
