package dev.loupe.training.backbone;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.json.Json;

/**
 * A backbone that recipes can name.
 *
 * @param name name that recipes use
 * @param sha256 digest of the ONNX file, null for a built-in one
 * @param size size of the ONNX file in bytes, null for a built-in one
 * @param scale the input is {@code (x / scale - mean) / std} for x in 0..255; null for a built-in one
 * @param mean mean of each colour channel, R, G, B
 * @param std standard deviation of each colour channel, R, G, B
 * @param featureMaps outputs with features of places in the image, from fine to coarse
 * @param pooled output with features of the whole image, null if there is none
 * @param createdAt time of the import, null for a built-in one
 */
@JsonInclude(Include.NON_NULL)
public record ImportedBackbone(
        String name,
        String sha256,
        Long size,
        Float scale,
        List<Float> mean,
        List<Float> std,
        @Json List<Output> featureMaps,
        @Json Output pooled,
        Instant createdAt) {

    /**
     * An output of a network.
     *
     * @param name name of the output
     * @param channels number of features of a place, or of the image
     * @param stride pixels from one place to the next, null for a pooled output
     */
    @JsonInclude(Include.NON_NULL)
    public record Output(String name, int channels, Integer stride) {}

    static ImportedBackbone builtIn(String name) {
        return new ImportedBackbone(name, null, null, null, null, null, List.of(), null, null);
    }
}
