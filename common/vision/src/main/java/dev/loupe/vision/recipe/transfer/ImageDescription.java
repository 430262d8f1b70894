package dev.loupe.vision.recipe.transfer;

import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.Standardisation.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A vector that describes an image. It starts with the features of a backbone: its pooled output, and the mean and the
 * standard deviation over the places of each feature map. The maps contain texture, which the pooled output of a
 * network trained to classify objects does not. Colours and brightness follow, see {@link ColourDescription}.
 */
final class ImageDescription {
    /**
     * Of networks, which see colours themselves. Chosen with RBF SVMs by cross-validation on TRAIN: with EfficientNet-Lite0,
     * .697 of the flowers are right with the weight 1 and all features in one part, .703 with .3, .721 with two parts, too;
     * printed boards .752, .762, .765; steel .990, .989, .992.
     */
    private static final double COLOUR_WEIGHT = .3;
    /**
     * Smallest deviation, as a Hellinger distance: images whose colours vary less are treated as having the same
     * colour.
     */
    private static final double MIN_COLOUR_DEVIATION = 0.05;

    private static final Set<String> BLIND_TO_COLOURS = Set.of(BackboneName.SCATTERING, BackboneName.HOG);

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
        return parts(backbone).stream().mapToInt(Part::size).sum();
    }

    /** The parts of a description: the pooled output, the feature maps and the colours. */
    static List<Part> parts(Backbone backbone) {
        int maps = backbone.featureMaps().stream()
                .mapToInt(map -> 2 * map.channels())
                .sum();
        List<Part> parts = new ArrayList<>();
        if (backbone.pooled() != null) {
            parts.add(new Part(backbone.pooled().size(), 1, null));
        }
        if (maps > 0) {
            parts.add(new Part(maps, 1, null));
        }
        // Of a backbone that sees brightness alone, as much as all other parts together.
        double weight = BLIND_TO_COLOURS.contains(backbone.name()) ? Math.sqrt(parts.size()) : COLOUR_WEIGHT;
        parts.add(new Part(ColourDescription.SIZE, weight, MIN_COLOUR_DEVIATION));
        return parts;
    }
}
