package dev.loupe.vision.recipe.patchcore;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.recipe.FilterParameters;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link PatchCoreRecipe}. */
public record PatchCoreParameters(
        @Schema(description = Parameter.BACKBONE_DESCRIPTION, format = Parameter.BACKBONE_WITH_MAPS)
        String backbone,

        @Schema(
                description = Parameter.BACKBONE_IMAGE_SIZE_DESCRIPTION,
                format = Parameter.BACKBONE_IMAGE_SIZE,
                minimum = Parameter.SMALLEST_BACKBONE_IMAGE,
                maximum = Parameter.MAX_BACKBONE_IMAGE,
                multipleOf = Parameter.BACKBONE_IMAGE_STEP)
        Integer imageSize,

        @Schema(description = "share of the TRAIN patches that the model keeps", minimum = "1e-6", maximum = "1")
        double coresetRatio,

        @Schema(description = ImageScore.DESCRIPTION) ImageScore score,

        @JsonUnwrapped FilterParameters filters) {

    /** The ratio is that of the paper. */
    static final PatchCoreParameters DEFAULTS =
            new PatchCoreParameters(BackboneName.SCATTERING, null, 0.01, ImageScore.MAX, FilterParameters.NONE);
}
