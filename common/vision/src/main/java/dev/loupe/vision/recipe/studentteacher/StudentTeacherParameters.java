package dev.loupe.vision.recipe.studentteacher;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.anomaly.RegressionParameters;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link StudentTeacherRecipe}. */
public record StudentTeacherParameters(
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

        @Schema(
                description = "filters of the network's first convolution; deeper ones have up to four times as many",
                minimum = "4",
                maximum = "128")
        int width,

        @JsonUnwrapped RegressionParameters training,

        @Schema(description = ImageScore.DESCRIPTION) ImageScore score,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    static final StudentTeacherParameters DEFAULTS = new StudentTeacherParameters(
            BackboneName.SCATTERING,
            null,
            64,
            16,
            new RegressionParameters(60, 8, 0.003, 10),
            ImageScore.MAX,
            RegionParameters.WHOLE,
            FilterParameters.NONE);
}
