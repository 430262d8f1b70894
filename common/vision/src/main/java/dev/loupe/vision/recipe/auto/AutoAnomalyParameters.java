package dev.loupe.vision.recipe.auto;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.recipe.RegionParameters;
import dev.loupe.vision.recipe.patchcore.Products;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.LinkedHashMap;
import java.util.Map;

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
        Products products,

        @JsonUnwrapped RegionParameters region) {

    static final AutoAnomalyParameters DEFAULTS =
            new AutoAnomalyParameters(null, 60, Products.SHARED, RegionParameters.WHOLE);

    /** Name of a parameter that says that each product has a memory of its own. */
    static final String PRODUCTS = "products";

    /** Parameters of all candidates that differ from the defaults, by name. */
    Map<String, Object> ofAll() {
        Map<String, Object> parameters = new LinkedHashMap<>(region.given());
        if (products == Products.SEPARATE) {
            parameters.put(PRODUCTS, products.toString());
        }
        return parameters;
    }
}
