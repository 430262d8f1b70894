package dev.loupe.vision.recipe.classical;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Votes of the nearest TRAIN images by Euclidean distance. With weights, a neighbour's vote is the inverse of its
 * distance.
 *
 * <p>Source: Cover and Hart, "Nearest Neighbor Pattern Classification", IEEE Transactions on Information Theory 13(1),
 * 1967; Dudani, "The Distance-Weighted k-Nearest-Neighbor Rule", 1976.
 */
record NearestNeighbours(Examples examples, int k, boolean weighted) implements FittedClassifier {
    /** Added to a distance, so that an equal image has a finite weight. */
    private static final float LEAST_DISTANCE = 1e-6f;

    NearestNeighbours {
        if (k > examples.size()) {
            throw new IllegalArgumentException(
                    "k: " + k + " neighbours need at least " + k + " TRAIN images, got " + examples.size());
        }
    }

    @Override
    public double[] scores(float[] features) {
        double[] distances = IntStream.range(0, examples.size())
                .mapToDouble(i -> Vectors.squaredDistance(features, examples.rows()[i]))
                .toArray();
        double[] votes = new double[examples.classes()];
        double[] sum = new double[1];
        IntStream.range(0, distances.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> distances[i]))
                .limit(k)
                .forEach(i -> {
                    double vote = weighted ? 1 / (Math.sqrt(distances[i]) + LEAST_DISTANCE) : 1;
                    votes[examples.labels()[i]] += vote;
                    sum[0] += vote;
                });
        for (int c = 0; c < votes.length; c++) {
            votes[c] /= sum[0];
        }
        return votes;
    }

    @Override
    public String append(OnnxGraph graph, String features) {
        String rows = graph.floats("neighbours", Vectors.joined(examples.rows()), examples.size(), examples.width());
        String squares = graph.floats("neighbour_squares", Vectors.squares(examples.rows()), examples.size());
        // Squared distances, but for the square of the image itself, which is the same for all neighbours.
        String distances = graph.node(
                "Gemm",
                List.of(features, rows, squares),
                OnnxAttribute.of("alpha", -2f),
                OnnxAttribute.of("transB", 1));
        String nearest = graph.nodes(
                        "TopK",
                        List.of(distances, graph.integers("k", k)),
                        2,
                        OnnxAttribute.of("axis", 1),
                        OnnxAttribute.of("largest", 0))
                .get(1);
        float[] labels = new float[examples.size() * examples.classes()];
        for (int i = 0; i < examples.size(); i++) {
            labels[i * examples.classes() + examples.labels()[i]] = 1;
        }
        String votes = graph.node(
                "Gather",
                List.of(graph.floats("neighbour_labels", labels, examples.size(), examples.classes()), nearest));
        if (!weighted) {
            return graph.reduce("ReduceMean", votes, false, 1);
        }
        String weights = weights(graph, features, graph.node("Gather", List.of(rows, nearest)));
        return graph.reshape(
                graph.node("MatMul", List.of(graph.reshape(weights, -1, 1, k), votes)), -1, examples.classes());
    }

    /** Weights [n, k] of sum 1. Distances are those of the differences, which keep the digits of small ones. */
    private String weights(OnnxGraph graph, String features, String neighbours) {
        String one = graph.node("Unsqueeze", List.of(features, graph.integers("axis", 1)));
        String difference = graph.node("Sub", List.of(neighbours, one));
        String distance = graph.node(
                "Add", List.of(graph.reduce("ReduceL2", difference, false, 2), graph.scalar("least", LEAST_DISTANCE)));
        String inverse = graph.node("Reciprocal", List.of(distance));
        String sum =
                graph.node("ReduceSum", List.of(inverse, graph.integers("axes", 1)), OnnxAttribute.of("keepdims", 1));
        return graph.node("Div", List.of(inverse, sum));
    }
}
