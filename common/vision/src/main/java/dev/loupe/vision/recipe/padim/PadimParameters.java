package dev.loupe.vision.recipe.padim;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link PadimRecipe}. */
public record PadimParameters(
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
                description = "number of features of a place that are used, selected at random",
                minimum = "1",
                maximum = "500")
        int features,

        @Schema(description = "how the covariance of a place is estimated")
        CovarianceEstimate covariance,

        @Schema(
                description = "what is added to each variance, as a share of the mean variance",
                minimum = "1e-6",
                maximum = "10")
        double epsilon,

        @Schema(description = ImageScore.DESCRIPTION) ImageScore score,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    /** The number of features is that of the paper. */
    static final PadimParameters DEFAULTS = new PadimParameters(
            BackboneName.SCATTERING,
            null,
            100,
            CovarianceEstimate.LEDOIT_WOLF,
            0.01,
            ImageScore.MAX,
            RegionParameters.WHOLE,
            FilterParameters.NONE);
}
