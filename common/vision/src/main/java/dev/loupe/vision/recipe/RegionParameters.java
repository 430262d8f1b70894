package dev.loupe.vision.recipe;

import dev.loupe.imaging.ImagePreparation;
import dev.loupe.imaging.ImagePreparation.Fit;
import dev.loupe.imaging.ImagePreparation.Margins;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.LinkedHashMap;
import java.util.Map;

/** Parameters of recipes that can look at a part of the image, or keep its aspect ratio. */
public record RegionParameters(
        @Schema(description = "preparation: what is done about another aspect ratio")
        Fit fit,

        @Schema(
                description = "preparation: share of the width that is cut off at the left",
                minimum = "0",
                maximum = "0.9")
        double marginLeft,

        @Schema(
                description = "preparation: share of the height that is cut off at the top",
                minimum = "0",
                maximum = "0.9")
        double marginTop,

        @Schema(
                description = "preparation: share of the width that is cut off at the right",
                minimum = "0",
                maximum = "0.9")
        double marginRight,

        @Schema(
                description = "preparation: share of the height that is cut off at the bottom",
                minimum = "0",
                maximum = "0.9")
        double marginBottom) {
    /** The whole image. */
    public static final RegionParameters WHOLE = new RegionParameters(Fit.STRETCH, 0, 0, 0, 0);

    /** Those that differ from the whole image, by name. */
    public Map<String, Object> given() {
        Map<String, Object> given = new LinkedHashMap<>();
        if (fit != Fit.STRETCH) {
            given.put("fit", fit.toString());
        }
        given.put("marginLeft", marginLeft);
        given.put("marginTop", marginTop);
        given.put("marginRight", marginRight);
        given.put("marginBottom", marginBottom);
        given.values().removeIf(value -> value.equals(0.0));
        return given;
    }

    /**
     * How images are prepared.
     *
     * @throws IllegalArgumentException if the margins leave less than a tenth of the image
     */
    public ImagePreparation preparation(FilterParameters filters) {
        return new ImagePreparation(
                new Margins(marginLeft, marginTop, marginRight, marginBottom),
                fit,
                filters.denoise(),
                filters.clahe(),
                filters.grey());
    }
}
