package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.recipe.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link AutoRecipe}. */
public record AutoParameters(
        @Schema(description = Parameter.BACKBONES_DESCRIPTION, format = Parameter.BACKBONES)
        String backbones,

        @Schema(
                description =
                        "minutes after which no further candidate is tried, and one that is in training is given up",
                minimum = "1",
                maximum = "10080")
        int minutes) {

    static final AutoParameters DEFAULTS = new AutoParameters(null, 60);
}
