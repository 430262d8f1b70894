package dev.loupe.recipes.toy;

import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link ToyRecipe}. */
public record ToyParameters(
        @Schema(description = "which colours are compared") Colours colours,

        @Schema(description = "how sure the model is of near colours", minimum = "1", maximum = "1000")
        double sharpness) {

    /** Colour space of the comparison. */
    public enum Colours {
        RGB,
        BRIGHTNESS
    }
}
