package dev.loupe.vision.anomaly;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;
import java.util.Locale;

/** How the anomaly score of an image follows from its anomaly map. */
public enum ImageScore {
    /** That of the most anomalous place: the highest value of the map, if the recipe does not say otherwise. */
    MAX,
    /** The mean of the highest percent of the map's pixels: less dependent on a single place. */
    TOP_PERCENT;

    /** Description of a parameter of this type. */
    public static final String DESCRIPTION =
            "score of an image: that of the most anomalous place, or the mean of the highest percent of the map's pixels";

    private static final int PERCENT = 100;

    /**
     * Appends the score to a graph.
     *
     * @param map value [n, height, width] in the graph
     * @param preprocessing preprocessing with the size of the map
     * @return the name of the score's value, [n]
     */
    public String appendTo(OnnxGraph graph, String map, Preprocessing preprocessing) {
        int pixels = preprocessing.height() * preprocessing.width();
        String row = graph.reshape(map, -1, pixels);
        return switch (this) {
            case MAX -> graph.reduce("ReduceMax", row, false, 1);
            case TOP_PERCENT -> {
                String highest = graph.nodes(
                                "TopK",
                                List.of(row, graph.integers("highest", Math.ceilDiv(pixels, PERCENT))),
                                2,
                                OnnxAttribute.of("axis", 1))
                        .getFirst();
                yield graph.reduce("ReduceMean", highest, false, 1);
            }
        };
    }

    /** The name in requests: {@code top-percent}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
