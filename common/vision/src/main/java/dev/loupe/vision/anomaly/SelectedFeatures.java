package dev.loupe.vision.anomaly;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Some of the channels of {@link PatchFeatures}, selected at random: neighbouring channels of a network say much the same
 * (Defard et al., "PaDiM", ICPR 2021, section III.A). Colours, if the features start with them, are always among them.
 */
public final class SelectedFeatures {
    private static final int COLOURS = 3;

    private final PatchFeatures features;
    private final int[] channels;

    private SelectedFeatures(PatchFeatures features, int[] channels) {
        this.features = features;
        this.channels = channels;
    }

    /**
     * Selects channels.
     *
     * @param count number of channels; all, if there are fewer
     * @throws dev.loupe.model.onnx.InvalidOnnxException if the backbone has no suitable feature maps
     */
    public static SelectedFeatures of(Backbone backbone, int count, long seed) {
        PatchFeatures features = PatchFeatures.of(backbone);
        int first = features.startWithColours() ? Math.min(COLOURS, count) : 0;
        int[] all = new int[features.channels()];
        Arrays.setAll(all, i -> i);
        int selected = Math.min(count, all.length);
        Random random = new Random(seed);
        for (int i = first; i < selected; i++) {
            int other = random.nextInt(i, all.length);
            int swapped = all[i];
            all[i] = all[other];
            all[other] = swapped;
        }
        int[] result = Arrays.copyOf(all, selected);
        Arrays.sort(result);
        return new SelectedFeatures(features, result);
    }

    /** All features of a place. */
    public PatchFeatures all() {
        return features;
    }

    /** Number of selected channels. */
    public int count() {
        return channels.length;
    }

    /** Number of values of an image. */
    public int size() {
        return features.places() * channels.length;
    }

    /** The selected channels, ascending. */
    List<Integer> channels() {
        return Arrays.stream(channels).boxed().toList();
    }

    /** Appends the selected features to the backbone's graph: [n, places, channels]. */
    public String appendTo(OnnxGraph graph) {
        return graph.node(
                "Gather",
                List.of(
                        features.appendTo(graph),
                        graph.integers(
                                "selected_channels",
                                Arrays.stream(channels).asLongStream().toArray())),
                OnnxAttribute.of("axis", 2));
    }
}
