package dev.loupe.model.backbone;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * Histograms of oriented gradients as an ONNX graph: features of shape that are not learned from data. An image is
 * {@value #CELLS} x {@value #CELLS} cells.
 *
 * <p>Source: Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005. The values and their
 * order are those of scikit-image: {@code hog(image, orientations=9, pixels_per_cell=(side / 8, side / 8),
 * cells_per_block=(2, 2), block_norm="L2-Hys", channel_axis=-1)}.
 *
 * <p>Input {@code image} [n, 3, side, side] in 0..1, output {@code pooled} [n, {@value #SIZE}].
 */
public final class Hog {
    /** Name of this backbone; imported backbones cannot have it. */
    public static final String NAME = "hog";
    /** Default of the side of the images in pixels. */
    public static final int DEFAULT_SIDE = 128;

    private static final int CELLS = 8;
    private static final int ORIENTATIONS = 9;
    private static final int BLOCK = 2;
    private static final int BLOCKS = CELLS - BLOCK + 1;
    private static final int BLOCK_SIZE = BLOCK * BLOCK * ORIENTATIONS;
    /** Number of features. */
    static final int SIZE = BLOCKS * BLOCKS * BLOCK_SIZE;

    private static final float EPSILON = 1e-5f;
    private static final float LARGEST_SHARE = 0.2f;
    /** Far smaller than the least difference of two grey levels. */
    private static final float TINY = 1e-6f;

    private final OnnxGraph graph = OnnxGraph.create(NAME);
    private final int side;

    private Hog(int side) {
        this.side = side;
    }

    /** {@link #backbone(int)} for images of {@value #DEFAULT_SIDE} pixels a side. */
    public static Backbone backbone() {
        return backbone(DEFAULT_SIDE);
    }

    /**
     * Returns the features as a backbone.
     *
     * @param side side of the images in pixels, a multiple of {@value #CELLS}, at least 32
     */
    public static Backbone backbone(int side) {
        if (side < 32 || side % CELLS != 0) {
            throw new IllegalArgumentException(
                    "hog: the image size must be at least 32 and a multiple of " + CELLS + ", got " + side);
        }
        return Backbone.of(NAME, new Hog(side).write(), 255, new float[3], new float[] {1, 1, 1});
    }

    private byte[] write() {
        String image = graph.input("image", -1, 3, side, side);
        String across = gradient(image, 3);
        String down = gradient(image, 2);
        String squares = graph.node("Add", List.of(square(across), square(down)));
        // The gradient of a place is that of the colour that changes most.
        String colour = graph.node("ArgMax", List.of(squares), OnnxAttribute.of("axis", 1));
        String cells = cells(
                ofColour(across, colour),
                ofColour(down, colour),
                graph.node("Sqrt", List.of(ofColour(squares, colour))));
        List<String> corners = new ArrayList<>();
        for (int row = 0; row < BLOCK; row++) {
            for (int column = 0; column < BLOCK; column++) {
                corners.add(graph.slice(graph.slice(cells, 2, row, row + BLOCKS), 3, column, column + BLOCKS));
            }
        }
        String blocks = normalised(graph.node("Concat", corners, OnnxAttribute.of("axis", 1)));
        blocks = normalised(graph.node("Min", List.of(blocks, graph.scalar("largest", LARGEST_SHARE))));
        String rows = graph.node("Transpose", List.of(blocks), OnnxAttribute.of("perm", new long[] {0, 2, 3, 1}));
        graph.output(graph.reshape(rows, -1, SIZE), "pooled", -1, SIZE);
        return graph.toBytes();
    }

    /** Differences of the neighbours along an axis; 0 at the border. */
    private String gradient(String image, int axis) {
        String inside =
                graph.node("Sub", List.of(graph.slice(image, axis, 2, side), graph.slice(image, axis, 0, side - 2L)));
        long[] pads = new long[8];
        pads[axis] = 1;
        pads[4 + axis] = 1;
        return graph.node("Pad", List.of(inside, graph.integers("border", pads)));
    }

    private String square(String value) {
        return graph.node("Mul", List.of(value, value));
    }

    private String ofColour(String values, String colour) {
        return graph.node("GatherElements", List.of(values, colour), OnnxAttribute.of("axis", 1));
    }

    /** Mean magnitude of the gradients of each orientation in each cell: [n, 9, 8, 8]. */
    private String cells(String across, String down, String magnitude) {
        // Orientations are from 0 to 180 degrees, without 180: a gradient that points up is turned around, and so is
        // one that points exactly left.
        String sign = graph.node(
                "Sign",
                List.of(graph.node(
                        "Add", List.of(down, graph.node("Mul", List.of(across, graph.scalar("tiny", TINY)))))));
        String direction = graph.node(
                "Mul", List.of(graph.node("Concat", List.of(across, down), OnnxAttribute.of("axis", 1)), sign));
        // The cross product with the lower end of an interval of orientations tells whether the direction is above it.
        int ends = ORIENTATIONS - 1;
        float[] lowerEnds = new float[2 * ends];
        for (int i = 0; i < ends; i++) {
            double angle = Math.PI * (i + 1) / ORIENTATIONS;
            lowerEnds[2 * i] = (float) -Math.sin(angle);
            lowerEnds[2 * i + 1] = (float) Math.cos(angle);
        }
        String products = graph.node("Conv", List.of(direction, graph.floats("ends", lowerEnds, ends, 2, 1, 1)));
        String above = graph.node(
                "Cast",
                List.of(graph.node("GreaterOrEqual", List.of(products, graph.scalar("zero", 0)))),
                OnnxAttribute.of("to", 1));
        String votes = graph.node("Mul", List.of(above, magnitude));
        String fromHere = graph.node("Concat", List.of(magnitude, votes), OnnxAttribute.of("axis", 1));
        String fromNext = graph.node("Pad", List.of(votes, graph.integers("end", 0, 0, 0, 0, 0, 1, 0, 0)));
        int pixels = side / CELLS;
        return graph.node(
                "AveragePool",
                List.of(graph.node("Sub", List.of(fromHere, fromNext))),
                OnnxAttribute.of("kernel_shape", new long[] {pixels, pixels}),
                OnnxAttribute.of("strides", new long[] {pixels, pixels}));
    }

    private String normalised(String blocks) {
        String sum = graph.node(
                "ReduceSum", List.of(square(blocks), graph.integers("axes", 1)), OnnxAttribute.of("keepdims", 1));
        String norm = graph.node(
                "Sqrt", List.of(graph.node("Add", List.of(sum, graph.scalar("epsilon", EPSILON * EPSILON)))));
        return graph.node("Div", List.of(blocks, norm));
    }
}
