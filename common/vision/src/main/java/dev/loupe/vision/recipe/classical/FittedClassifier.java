package dev.loupe.vision.recipe.classical;

import dev.loupe.model.onnx.OnnxGraph;

/** A learned classifier of feature vectors. */
interface FittedClassifier {
    /** Returns a score of each class: the highest one is that of the predicted class. */
    double[] scores(float[] features);

    /**
     * Appends the computation of the scores.
     *
     * @param features value [n, size] in the graph
     * @return the name of the value [n, classes]
     */
    String append(OnnxGraph graph, String features);
}
