package dev.loupe.vision.recipe.transfer;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * A vector that describes an image. It starts with the features of a backbone: its pooled output, and the mean and the
 * standard deviation over the places of each feature map. The maps contain texture, which the pooled output of a
 * network trained to classify objects does not. Colours and brightness follow, see {@link ColourDescription}.
 */
final class ImageDescription {
    private ImageDescription() {}

    /** Appends the computation of the description; returns the name of its value, [n, {@link #size}]. */
    static String append(OnnxGraph graph, Backbone backbone) {
        String image = graph.inputs().getFirst();
        List<String> parts = new ArrayList<>();
        if (backbone.pooled() != null) {
            parts.add(backbone.pooled().output());
        }
        for (FeatureMap map : backbone.featureMaps()) {
            String mean = graph.reduce("ReduceMean", map.output(), true, 2, 3);
            String distance = graph.node("Sub", List.of(map.output(), mean));
            String variance = graph.reduce("ReduceMean", graph.node("Mul", List.of(distance, distance)), false, 2, 3);
            parts.add(graph.reshape(mean, 0, map.channels()));
            parts.add(graph.node("Sqrt", List.of(variance)));
        }
        parts.add(ColourDescription.append(graph, image, backbone.preprocessing()));
        return graph.node("Concat", parts, OnnxAttribute.of("axis", 1));
    }

    /** Number of values of a description. */
    static int size(Backbone backbone) {
        return colours(backbone) + ColourDescription.SIZE;
    }

    /** Index of the first value that describes colours. */
    static int colours(Backbone backbone) {
        int pooled = backbone.pooled() == null ? 0 : backbone.pooled().size();
        return pooled
                + backbone.featureMaps().stream()
                        .mapToInt(map -> 2 * map.channels())
                        .sum();
    }
}
