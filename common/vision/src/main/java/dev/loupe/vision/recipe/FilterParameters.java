package dev.loupe.vision.recipe;

import dev.loupe.imaging.ImagePreparation.Denoise;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of recipes that can filter images, in training and in serving. */
public record FilterParameters(
        @Schema(description = "preparation: how noise is removed from the resized image")
        Denoise denoise,

        @Schema(description = "preparation: equalise the local contrast (CLAHE)")
        boolean clahe,

        @Schema(description = "preparation: remove the colours")
        boolean grey) {
    /** No filter. */
    public static final FilterParameters NONE = new FilterParameters(Denoise.NONE, false, false);
}
