package dev.loupe.training.backbone;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.List;

/**
 * A backbone that runs can name.
 *
 * @param name that recipes use
 * @param sha256 of the ONNX file, null for a built-in one
 * @param size of the ONNX file in bytes, null for a built-in one
 * @param scale the input is {@code (x / scale - mean) / std} for x in 0..255; null for a built-in one
 * @param mean of each colour, R, G, B
 * @param std of each colour, R, G, B
 * @param featureMaps outputs that describe places, fine to coarse
 * @param pooled output that describes a whole image, null if there is none
 * @param createdAt when it was imported, null for a built-in one
 */
@JsonInclude(Include.NON_NULL)
public record ImportedBackbone(
        String name,
        String sha256,
        Long size,
        Float scale,
        List<Float> mean,
        List<Float> std,
        List<Output> featureMaps,
        Output pooled,
        Instant createdAt) {

    /**
     * An output of a network.
     *
     * @param name of the output
     * @param channels features of a place, or of the image
     * @param stride pixels from one place to the next, null for a pooled output
     */
    @JsonInclude(Include.NON_NULL)
    public record Output(String name, int channels, Integer stride) {}

    static ImportedBackbone builtIn(String name) {
        return new ImportedBackbone(name, null, null, null, null, null, List.of(), null, null);
    }
}
