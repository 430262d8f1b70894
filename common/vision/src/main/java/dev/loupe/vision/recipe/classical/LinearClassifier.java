package dev.loupe.vision.recipe.classical;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;

/** A linear function for each class: its score is the margin of the class against all others. */
record LinearClassifier(float[][] weights, float[] biases) implements FittedClassifier {
    @Override
    public double[] scores(float[] features) {
        double[] scores = new double[biases.length];
        for (int c = 0; c < scores.length; c++) {
            scores[c] = Vectors.product(weights[c], features) + biases[c];
        }
        return scores;
    }

    @Override
    public String append(OnnxGraph graph, String features) {
        return graph.node(
                "Gemm",
                List.of(
                        features,
                        graph.floats("class_weights", Vectors.joined(weights), weights.length, weights[0].length),
                        graph.floats("class_biases", biases, biases.length)),
                OnnxAttribute.of("transB", 1));
    }
}
