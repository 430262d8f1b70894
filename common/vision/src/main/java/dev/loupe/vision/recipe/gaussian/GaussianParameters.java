package dev.loupe.vision.recipe.gaussian;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link GaussianRecipe}. */
public record GaussianParameters(
        @Schema(description = Parameter.BACKBONE_DESCRIPTION, format = Parameter.BACKBONE_WITH_MAPS)
        String backbone,

        @Schema(
                description = Parameter.BACKBONE_IMAGE_SIZE_DESCRIPTION,
                format = Parameter.BACKBONE_IMAGE_SIZE,
                minimum = Parameter.SMALLEST_BACKBONE_IMAGE,
                maximum = Parameter.MAX_BACKBONE_IMAGE,
                multipleOf = Parameter.BACKBONE_IMAGE_STEP)
        Integer imageSize,

        @Schema(
                description = "share of the variance that the principal components have together",
                minimum = "0.1",
                maximum = "0.999")
        double variance,

        @Schema(description = "score of an image: what the components do not reconstruct, or the Mahalanobis distance")
        GaussianDistance distance,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    static final GaussianParameters DEFAULTS = new GaussianParameters(
            BackboneName.SCATTERING,
            null,
            0.97,
            GaussianDistance.RECONSTRUCTION,
            RegionParameters.WHOLE,
            FilterParameters.NONE);
}
