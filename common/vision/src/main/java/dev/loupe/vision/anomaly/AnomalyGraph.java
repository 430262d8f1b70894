package dev.loupe.vision.anomaly;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;

/** Anomaly maps as ONNX nodes. */
public final class AnomalyGraph {
    private AnomalyGraph() {}

    /**
     * Appends the output {@code anomaly_map} [n, height, width] of the input's size: the distances of the places,
     * interpolated and smoothed by a Gaussian of half a place.
     *
     * @param distances value [n, height * width of the grid] in the graph
     * @param grid the grid of the places
     * @return the name of the map's value
     */
    public static String appendMap(OnnxGraph graph, String distances, FeatureMap grid, Preprocessing preprocessing) {
        String map = map(graph, distances, grid, preprocessing);
        graph.output(map, Predictor.ANOMALY_MAP, -1, preprocessing.height(), preprocessing.width());
        return map;
    }

    /** Appends the map as {@link #appendMap} does, but not as an output. */
    public static String map(OnnxGraph graph, String distances, FeatureMap grid, Preprocessing preprocessing) {
        String places = graph.reshape(distances, -1, 1, grid.height(), grid.width());
        String map = PatchFeatures.resized(graph, places, preprocessing.height(), preprocessing.width());
        map = blurred(graph, map, grid.stride() / 2.0);
        return graph.reshape(map, -1, preprocessing.height(), preprocessing.width());
    }

    /** Gaussian blur of [n, 1, h, w], truncated at four sigma, mirrored at the border. */
    private static String blurred(OnnxGraph graph, String map, double sigma) {
        int radius = (int) Math.ceil(4 * sigma);
        float[] kernel = new float[2 * radius + 1];
        double sum = 0;
        for (int i = -radius; i <= radius; i++) {
            sum += Math.exp(-i * i / (2 * sigma * sigma));
        }
        for (int i = -radius; i <= radius; i++) {
            kernel[i + radius] = (float) (Math.exp(-i * i / (2 * sigma * sigma)) / sum);
        }
        String padded = graph.node(
                "Pad",
                List.of(map, graph.integers("pads", 0, 0, radius, radius, 0, 0, radius, radius)),
                OnnxAttribute.of("mode", "reflect"));
        String rows = graph.node("Conv", List.of(padded, graph.floats("blur", kernel, 1, 1, 1, kernel.length)));
        return graph.node("Conv", List.of(rows, graph.floats("blur", kernel, 1, 1, kernel.length, 1)));
    }
}
