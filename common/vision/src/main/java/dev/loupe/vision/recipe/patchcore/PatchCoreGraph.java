package dev.loupe.vision.recipe.patchcore;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.anomaly.AnomalyGraph;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.anomaly.PatchFeatures;
import java.util.ArrayList;
import java.util.List;

/**
 * Exact nearest-neighbour search in the memory bank, as ONNX nodes: computes an image's anomaly score and anomaly map.
 *
 * <p>Source: Roth et al., CVPR 2022, section 3.3, equations 6 and 7, as implemented in anomalib: the farthest patch's
 * distance, times {@code 1 - softmax} over the distances to the {@value #NEIGHBOURS} neighbours of its nearest
 * neighbour, which lowers the score of features between common patches.
 */
final class PatchCoreGraph {
    static final int NEIGHBOURS = 9;
    static final String PLACE = "farthest_place";
    static final String NEAREST = "nearest_patch";
    static final String DISTANCE = "nearest_distance";
    /** Names of the tensors with the memory bank, and with the squared norms of its patches. */
    static final String BANK = "bank";

    static final String BANK_SQUARES = "bank_squares";

    private static final OnnxAttribute NO_DIMENSION = OnnxAttribute.of("keepdims", 0);

    private final OnnxGraph graph;
    private final Patches memory;
    private final String bank;
    private final String squares;

    /**
     * Scales of the distances to the memory of a product.
     *
     * @param factor of distances and scores, so that one threshold suits all products
     * @param normal mean distance of the places of normal images of the product, positive: the memories are whitened each in
     *     its own way, so that a distance to one says nothing about a distance to another without it
     */
    record ProductScale(float factor, float normal) {
        /** Distances as they are. */
        static final ProductScale NONE = new ProductScale(1, 1);
    }

    private PatchCoreGraph(OnnxGraph graph, Patches memory) {
        this.graph = graph;
        this.memory = memory;
        this.bank = graph.floats(BANK, memory.values(), memory.count(), memory.size());
        this.squares = graph.floats(BANK_SQUARES, memory.squaredNorms(), memory.count());
    }

    /**
     * Appends the outputs {@code anomaly_score} [n] and {@code anomaly_map} [n, height, width] of the input's size.
     *
     * @param patches value [n, places, channels] in the graph
     * @param score how the score is computed; the highest one is weighted
     */
    static void append(
            OnnxGraph graph,
            String patches,
            PatchFeatures features,
            Patches memory,
            Preprocessing preprocessing,
            ImageScore score) {
        PatchCoreGraph core = new PatchCoreGraph(graph, memory);
        String distances = core.distances(patches, features.places());
        String map = AnomalyGraph.appendMap(graph, distances, features.finest(), preprocessing);
        String ofImage =
                switch (score) {
                    case MAX -> core.score(patches, distances);
                    case TOP_PERCENT -> score.appendTo(graph, map, preprocessing);
                };
        graph.output(ofImage, Predictor.ANOMALY_SCORE, -1);
    }

    /**
     * Appends the score of {@link #append} as an output [n] with another name.
     *
     * @param patches value [n, places, channels] in the graph
     */
    static void appendScore(
            OnnxGraph graph,
            String patches,
            PatchFeatures features,
            Patches memory,
            Preprocessing preprocessing,
            ImageScore score,
            String name) {
        PatchCoreGraph core = new PatchCoreGraph(graph, memory);
        String distances = core.distances(patches, features.places());
        String ofImage =
                switch (score) {
                    case MAX -> core.score(patches, distances);
                    case TOP_PERCENT ->
                        score.appendTo(
                                graph,
                                AnomalyGraph.map(graph, distances, features.finest(), preprocessing),
                                preprocessing);
                };
        graph.output(ofImage, name, -1);
    }

    /**
     * Appends the scores of a memory for each product: the outputs of {@link #append}, and {@code nearest_product} [n], the
     * number of the nearest memory: the one with the smallest mean distance of all places, as a multiple of the mean distance
     * of normal images of its product. The graph gets the input {@code product} [n], with the numbers of the products of the
     * images; if one is negative, that of the nearest memory is used.
     *
     * @param raw value [n, places, channels] in the graph, before whitening
     * @param scales of the distances to each memory
     */
    static void appendProducts(
            OnnxGraph graph,
            String raw,
            PatchFeatures features,
            List<MemoryBank> memories,
            List<ProductScale> scales,
            Preprocessing preprocessing,
            ImageScore score) {
        List<String> distances = new ArrayList<>();
        List<String> means = new ArrayList<>();
        List<String> scores = new ArrayList<>();
        for (int i = 0; i < scales.size(); i++) {
            MemoryBank memory = memories.get(i);
            String patches = memory.whitening().appendTo(graph, raw);
            PatchCoreGraph core = new PatchCoreGraph(graph, memory.patches());
            String own = core.distances(patches, features.places());
            String mean = graph.reduce("ReduceMean", own, true, 1);
            means.add(graph.node(
                    "Div",
                    List.of(mean, graph.scalar("product_normal", scales.get(i).normal()))));
            String factor = graph.scalar("product_factor", scales.get(i).factor());
            String scaled = graph.node("Mul", List.of(own, factor));
            distances.add(graph.node("Unsqueeze", List.of(scaled, graph.integers("axis", 1))));
            if (score == ImageScore.MAX) {
                String ofImage = graph.node("Mul", List.of(core.score(patches, own), factor));
                scores.add(graph.reshape(ofImage, -1, 1));
            }
        }
        String nearest = graph.node(
                "ArgMin", List.of(joined(graph, means)), OnnxAttribute.of("axis", 1), OnnxAttribute.of("keepdims", 0));
        String number = graph.node("Cast", List.of(nearest), OnnxAttribute.of("to", 1L));
        String given = graph.input(OnnxSession.PRODUCT, -1);
        String unknown = graph.node("Less", List.of(given, graph.scalar("zero", 0)));
        String used = graph.node("Where", List.of(unknown, number, given));
        String row = graph.reshape(graph.node("Cast", List.of(used), OnnxAttribute.of("to", 7L)), -1, 1);
        String map = AnomalyGraph.appendMap(graph, ofProduct(graph, distances, row), features.finest(), preprocessing);
        String ofImage =
                switch (score) {
                    case MAX -> ofProduct(graph, scores, row);
                    case TOP_PERCENT -> score.appendTo(graph, map, preprocessing);
                };
        graph.output(ofImage, Predictor.ANOMALY_SCORE, -1);
        graph.output(number, Predictor.NEAREST_PRODUCT, -1);
    }

    private static String joined(OnnxGraph graph, List<String> values) {
        return graph.node("Concat", values, OnnxAttribute.of("axis", 1));
    }

    /** Of values [n, 1, ...], one for each product, those of the product of each image: [n, ...]. */
    private static String ofProduct(OnnxGraph graph, List<String> values, String row) {
        return graph.node("GatherND", List.of(joined(graph, values), row), OnnxAttribute.of("batch_dims", 1));
    }

    /**
     * Appends the mean distance of the patches of an image to the memory as an output [n].
     *
     * @param patches value [n, places, channels] in the graph
     */
    static void appendMeanDistance(
            OnnxGraph graph, String patches, PatchFeatures features, Patches memory, String name) {
        PatchCoreGraph core = new PatchCoreGraph(graph, memory);
        graph.output(graph.reduce("ReduceMean", core.distances(patches, features.places()), false, 1), name, -1);
    }

    /**
     * Appends the outputs {@value #PLACE}, {@value #NEAREST} and {@value #DISTANCE}, each [n]: the farthest patch of an image
     * by its place, its nearest neighbour by the row of the memory, and the distance of the two.
     *
     * @param patches value [n, places, channels] in the graph
     */
    static void appendNearest(OnnxGraph graph, String patches, PatchFeatures features, Patches memory) {
        PatchCoreGraph core = new PatchCoreGraph(graph, memory);
        Match match = core.match(patches, core.distances(patches, features.places()));
        OnnxAttribute toFloat = OnnxAttribute.of("to", 1L);
        String place = graph.node("Cast", List.of(match.place()), toFloat);
        graph.output(graph.reshape(place, -1), PLACE, -1);
        graph.output(graph.node("Cast", List.of(match.nearest()), toFloat), NEAREST, -1);
        graph.output(graph.reshape(match.distance(), -1), DISTANCE, -1);
    }

    /** Distance of each patch to its nearest neighbour: [n, places]. */
    private String distances(String patches, int places) {
        String rows = graph.reshape(patches, -1, memory.size());
        String nearest = graph.reduce("ReduceMin", toBank(rows), true, 1);
        String squared = graph.node("Add", List.of(nearest, sumOfSquares(rows, 1, true)));
        // Rounding may make the difference of large numbers negative.
        String positive = graph.node("Max", List.of(squared, graph.scalar("zero", 0)));
        return graph.reshape(graph.node("Sqrt", List.of(positive)), -1, places);
    }

    /** Squared distances of rows to the bank, minus the squared norms of the rows: [rows, bank]. */
    private String toBank(String rows) {
        return graph.node(
                "Gemm", List.of(rows, bank, squares), OnnxAttribute.of("alpha", -2f), OnnxAttribute.of("transB", 1));
    }

    /**
     * Values about the farthest patch of each image.
     *
     * @param place its place, [n, 1]
     * @param patch the patch, [n, channels]
     * @param nearest row of its nearest neighbour in the bank, [n]
     * @param neighbour that neighbour, [n, channels]
     * @param distance distance of the two, [n]
     */
    private record Match(String place, String patch, String nearest, String neighbour, String distance) {}

    private Match match(String patches, String distances) {
        String worst = graph.node("ArgMax", List.of(distances), OnnxAttribute.of("axis", 1));
        String patch = graph.node("GatherND", List.of(patches, worst), OnnxAttribute.of("batch_dims", 1));
        String nearest = graph.node("ArgMin", List.of(toBank(patch)), OnnxAttribute.of("axis", 1), NO_DIMENSION);
        String neighbour = graph.node("Gather", List.of(bank, nearest));
        // Computed from the difference itself, which keeps the digits that a difference of squares loses.
        String distance = norm(graph.node("Sub", List.of(patch, neighbour)), 1);
        return new Match(worst, patch, nearest, neighbour, distance);
    }

    private String score(String patches, String distances) {
        Match match = match(patches, distances);
        int count = Math.min(NEIGHBOURS, memory.count());
        String support = graph.nodes(
                        "TopK",
                        List.of(toBank(match.neighbour()), graph.integers("neighbours", count)),
                        2,
                        OnnxAttribute.of("axis", 1),
                        OnnxAttribute.of("largest", 0))
                .get(1);
        String neighbours = graph.node("Gather", List.of(bank, support));
        String single = graph.node("Unsqueeze", List.of(match.patch(), graph.integers("axis", 1)));
        String around = norm(graph.node("Sub", List.of(single, neighbours)), 2);
        String shares = graph.node("Softmax", List.of(around), OnnxAttribute.of("axis", 1));
        String weight =
                graph.node("Sub", List.of(graph.scalar("one", 1), graph.reshape(graph.slice(shares, 1, 0, 1), -1)));
        return graph.node("Mul", List.of(match.distance(), weight));
    }

    private String norm(String vectors, int axis) {
        return graph.node("Sqrt", List.of(sumOfSquares(vectors, axis, false)));
    }

    private String sumOfSquares(String vectors, int axis, boolean keep) {
        return graph.node(
                "ReduceSum",
                List.of(graph.node("Mul", List.of(vectors, vectors)), graph.integers("axes", axis)),
                OnnxAttribute.of("keepdims", keep ? 1 : 0));
    }
}
