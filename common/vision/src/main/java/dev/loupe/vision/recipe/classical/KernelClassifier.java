package dev.loupe.vision.recipe.classical;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;

/**
 * A weighted sum of kernels {@code exp(-gamma |x - v|²)} for each class: its score is the margin of the class against
 * all others.
 *
 * @param vectors support vectors of all classes
 * @param weights weights of the vectors, for each class
 */
record KernelClassifier(float[][] vectors, float[][] weights, float[] biases, double gamma)
        implements FittedClassifier {
    @Override
    public double[] scores(float[] features) {
        double[] scores = new double[biases.length];
        for (int i = 0; i < vectors.length; i++) {
            double kernel = Math.exp(-gamma * Vectors.squaredDistance(features, vectors[i]));
            for (int c = 0; c < scores.length; c++) {
                scores[c] += kernel * weights[c][i];
            }
        }
        for (int c = 0; c < scores.length; c++) {
            scores[c] += biases[c];
        }
        return scores;
    }

    @Override
    public String append(OnnxGraph graph, String features) {
        String products = graph.node(
                "Gemm",
                List.of(
                        features,
                        graph.floats("vectors", Vectors.joined(vectors), vectors.length, vectors[0].length),
                        graph.floats("vector_squares", Vectors.squares(vectors), vectors.length)),
                OnnxAttribute.of("alpha", -2f),
                OnnxAttribute.of("transB", 1));
        String square = graph.node(
                "ReduceSum",
                List.of(graph.node("Mul", List.of(features, features)), graph.integers("axes", 1)),
                OnnxAttribute.of("keepdims", 1));
        // Rounding may make the difference of large numbers negative.
        String distances =
                graph.node("Max", List.of(graph.node("Add", List.of(products, square)), graph.scalar("zero", 0)));
        String kernels = graph.node(
                "Exp", List.of(graph.node("Mul", List.of(distances, graph.scalar("gamma", (float) -gamma)))));
        return graph.node(
                "Gemm",
                List.of(
                        kernels,
                        graph.floats("class_weights", Vectors.joined(weights), weights.length, vectors.length),
                        graph.floats("class_biases", biases, biases.length)),
                OnnxAttribute.of("transB", 1));
    }
}
