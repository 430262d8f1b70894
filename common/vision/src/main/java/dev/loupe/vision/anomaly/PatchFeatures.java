package dev.loupe.vision.anomaly;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * A backbone's features by place: its mid-level maps, each place averaged with its eight neighbours, resized to the
 * grid of the finest map and concatenated. Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection",
 * CVPR 2022, section 3.1, with the strides 8 and 16 of the paper's layers 2 and 3.
 *
 * @param backbone backbone with the maps
 * @param maps selected maps, from fine to coarse
 */
public record PatchFeatures(Backbone backbone, List<FeatureMap> maps) {
    private static final int FINEST_STRIDE = 4;

    /** {@link #of(Backbone, Layers)} for the layers in the middle. */
    public static PatchFeatures of(Backbone backbone) {
        return of(backbone, Layers.MIDDLE);
    }

    /**
     * Selects the maps: the deepest ones of each of the two strides, if they exist; if neither does, of the layers in the
     * middle the map with the stride nearest to 8.
     *
     * @throws InvalidOnnxException if the backbone has no such map
     */
    public static PatchFeatures of(Backbone backbone, Layers layers) {
        List<FeatureMap> chosen = new ArrayList<>();
        for (int stride : layers.strides()) {
            backbone.featureMaps().stream()
                    .filter(map -> map.stride() == stride)
                    .reduce((first, deeper) -> deeper)
                    .ifPresent(chosen::add);
        }
        if (chosen.isEmpty() && layers != Layers.MIDDLE) {
            throw new InvalidOnnxException("backbone '" + backbone.name() + "' gives no feature map of stride "
                    + layers.strides().getFirst() + " or " + layers.strides().getLast() + ", which layers=" + layers
                    + " needs");
        }
        if (chosen.isEmpty()) {
            chosen.add(backbone.featureMaps().stream()
                    .filter(map -> map.stride() >= FINEST_STRIDE)
                    .findFirst()
                    .orElseThrow(() -> new InvalidOnnxException("backbone '" + backbone.name()
                            + "' gives no feature map [n, channels, height, width] of stride 4 or more, which anomaly"
                            + " detection needs: export the model with its mid-level maps as outputs")));
        }
        return new PatchFeatures(backbone, List.copyOf(chosen));
    }

    /** Whether the first three features are the logarithms of red, green and blue. */
    public boolean startWithColours() {
        return backbone.name().equals(Scattering.NAME);
    }

    public FeatureMap finest() {
        return maps.getFirst();
    }

    public int channels() {
        return maps.stream().mapToInt(FeatureMap::channels).sum();
    }

    public int places() {
        return finest().height() * finest().width();
    }

    /** Appends the concatenated features to the backbone's graph: [n, places, channels]. */
    public String appendTo(OnnxGraph graph) {
        List<String> aligned = new ArrayList<>();
        for (FeatureMap map : maps) {
            String averaged = graph.node(
                    "AveragePool",
                    List.of(map.output()),
                    OnnxAttribute.of("kernel_shape", new long[] {3, 3}),
                    OnnxAttribute.of("pads", new long[] {1, 1, 1, 1}),
                    OnnxAttribute.of("count_include_pad", 1));
            aligned.add(map == finest() ? averaged : resized(graph, averaged, finest().height(), finest().width()));
        }
        String joined =
                aligned.size() == 1 ? aligned.getFirst() : graph.node("Concat", aligned, OnnxAttribute.of("axis", 1));
        String rows = graph.reshape(joined, 0, channels(), places());
        return graph.node("Transpose", List.of(rows), OnnxAttribute.of("perm", new long[] {0, 2, 1}));
    }

    /** Appends a bilinear resize of maps [n, c, h, w]. */
    static String resized(OnnxGraph graph, String maps, int height, int width) {
        String channels = graph.slice(graph.node("Shape", List.of(maps)), 0, 0, 2);
        String sizes = graph.node(
                "Concat", List.of(channels, graph.integers("size", height, width)), OnnxAttribute.of("axis", 0));
        return graph.node(
                "Resize",
                List.of(maps, "", "", sizes),
                OnnxAttribute.of("mode", "linear"),
                OnnxAttribute.of("coordinate_transformation_mode", "half_pixel"));
    }
}
