package dev.loupe.vision.recipe.transfer;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;

/**
 * A histogram of the colours and the brightness of an image, about which the features of a backbone contain little: the
 * square roots of a joint histogram of R, G and B with {@value #BINS} bins each, over the averages of small square
 * cells. A value between two bins counts for both, so a small change of colour is a small change of the histogram.
 *
 * <p>Source: colour histograms, Swain and Ballard, "Color Indexing", IJCV 7(1), 1991; the square root makes the Euclidean
 * distance of two of them the Hellinger distance (Arandjelovic and Zisserman, "Three things everyone should know to
 * improve object retrieval", CVPR 2012).
 */
final class ColourDescription {
    private static final int BINS = 4;
    /** Number of values of a description. */
    static final int SIZE = BINS * BINS * BINS;

    private static final int CELLS = 28;
    private static final float WHITE = 255;

    private ColourDescription() {}

    /**
     * Appends the computation of the description.
     *
     * @param image the graph's input, as the preprocessing makes it
     * @return the name of the description's value, [n, {@link #SIZE}]
     */
    static String append(OnnxGraph graph, String image, Preprocessing preprocessing) {
        int cell = Math.max(1, Math.min(preprocessing.width(), preprocessing.height()) / CELLS);
        String cells = graph.node(
                "AveragePool",
                List.of(image),
                OnnxAttribute.of("kernel_shape", new long[] {cell, cell}),
                OnnxAttribute.of("strides", new long[] {cell, cell}));
        long places = (long) (preprocessing.width() / cell) * (preprocessing.height() / cell);
        float[] factors = new float[3];
        float[] offsets = new float[3];
        for (int c = 0; c < 3; c++) {
            float bins = (BINS - 1) * preprocessing.scale() / WHITE;
            factors[c] = bins * preprocessing.std()[c];
            offsets[c] = bins * preprocessing.mean()[c];
        }
        String levels = graph.reshape(
                graph.node(
                        "Add",
                        List.of(
                                graph.node("Mul", List.of(cells, graph.floats("colour_factors", factors, 1, 3, 1, 1))),
                                graph.floats("colour_offsets", offsets, 1, 3, 1, 1))),
                -1,
                3,
                1,
                places);
        String distances = graph.node(
                "Abs",
                List.of(graph.node(
                        "Sub", List.of(levels, graph.floats("colour_bins", new float[] {0, 1, 2, 3}, 1, 1, BINS, 1)))));
        String shares = graph.node("Relu", List.of(graph.node("Sub", List.of(graph.scalar("whole", 1), distances))));
        String red = graph.reshape(graph.slice(shares, 1, 0, 1), -1, BINS, 1, 1, places);
        String green = graph.reshape(graph.slice(shares, 1, 1, 2), -1, 1, BINS, 1, places);
        String blue = graph.reshape(graph.slice(shares, 1, 2, 3), -1, 1, 1, BINS, places);
        String joint = graph.node("Mul", List.of(graph.node("Mul", List.of(red, green)), blue));
        String histogram = graph.reduce("ReduceMean", joint, false, 4);
        return graph.node("Sqrt", List.of(graph.reshape(histogram, -1, SIZE)));
    }
}
