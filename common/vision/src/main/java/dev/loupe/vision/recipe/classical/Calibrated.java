package dev.loupe.vision.recipe.classical;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.evaluation.ClassProbabilities;
import dev.loupe.vision.evaluation.Temperature;
import java.util.Arrays;
import java.util.List;

/**
 * Probabilities from margins: softmax of the margins times one factor, the one with the least log loss on images that
 * were not learned from. For two classes this is Platt's sigmoid without an offset.
 *
 * <p>Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017 (temperature scaling); Platt,
 * "Probabilistic Outputs for Support Vector Machines", 1999.
 */
record Calibrated(FittedClassifier margins, double factor) implements FittedClassifier {
    @Override
    public double[] scores(float[] features) {
        return softmax(margins.scores(features), factor);
    }

    @Override
    public String append(OnnxGraph graph, String features) {
        String scaled =
                graph.node("Mul", List.of(margins.append(graph, features), graph.scalar("factor", (float) factor)));
        return graph.node("Softmax", List.of(scaled), OnnxAttribute.of("axis", 1));
    }

    /**
     * Returns the factor with the least log loss.
     *
     * @param margins a row for each image
     * @param labels index of the class of each image
     */
    static double factor(double[][] margins, int[] labels) {
        // Margins of different learners and penalties differ by orders of magnitude: those of size 1 have a factor that
        // the search finds.
        double size = Arrays.stream(margins)
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .average()
                .orElse(0);
        double unit = size > 0 ? 1 / size : 1;
        return unit / Temperature.fit(probabilities(margins, labels, unit));
    }

    /** Mean of -ln of the probability of the true class. */
    static double logLoss(double[][] margins, int[] labels, double factor) {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum -= Math.log(Math.max(softmax(margins[i], factor)[labels[i]], Double.MIN_NORMAL));
        }
        return sum / labels.length;
    }

    private static ClassProbabilities probabilities(double[][] margins, int[] labels, double factor) {
        return new ClassProbabilities(
                margins[0].length,
                labels,
                Arrays.stream(margins).map(row -> softmax(row, factor)).toArray(double[][]::new));
    }

    private static double[] softmax(double[] margins, double factor) {
        double largest = Arrays.stream(margins).max().orElseThrow();
        double[] shares = Arrays.stream(margins)
                .map(margin -> Math.exp(factor * (margin - largest)))
                .toArray();
        double sum = Arrays.stream(shares).sum();
        return Arrays.stream(shares).map(share -> share / sum).toArray();
    }
}
