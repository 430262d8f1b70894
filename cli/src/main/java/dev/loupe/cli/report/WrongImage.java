package dev.loupe.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Base64;

/**
 * An image that a model is wrong on.
 *
 * @param name name of the uploaded file
 * @param truth true label
 * @param predicted predicted label
 * @param score its probability, or the anomaly score
 * @param thumbnail {@code data:} URI of a small JPEG, null if there is none
 */
public record WrongImage(String name, String truth, String predicted, String score, String thumbnail) {
    /** Most bytes of a thumbnail in a report. */
    private static final int MAX_BYTES = 64 << 10;

    /**
     * @param result result of a run for the image
     * @param jpeg its thumbnail; null, or larger than a report may have, for none
     */
    public static WrongImage of(JsonNode result, byte[] jpeg) {
        return new WrongImage(
                result.path("name").asText(),
                result.path("truth").asText(),
                result.path("predicted").asText(),
                Figures.text(result.path("score")),
                jpeg == null || jpeg.length > MAX_BYTES
                        ? null
                        : "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg));
    }
}
