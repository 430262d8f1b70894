package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.recipe.patchcore.Products;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link AutoAnomalyRecipe}. */
public record AutoAnomalyParameters(
        @Schema(description = Parameter.BACKBONES_DESCRIPTION, format = Parameter.BACKBONES)
        String backbones,

        @Schema(
                description =
                        "minutes after which no further candidate is tried, and one that is in training is given up",
                minimum = "1",
                maximum = "10080")
        int minutes,

        @Schema(
                description =
                        "one memory of all images, or one for each product, which is chosen by the product of an image or by"
                                + " the nearest memory")
        Products products) {

    static final AutoAnomalyParameters DEFAULTS = new AutoAnomalyParameters(null, 60, Products.SHARED);
}
