package dev.loupe.vision.recipe.transfer;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link TransferRecipe}. */
public record TransferParameters(
        @Schema(description = Parameter.BACKBONE_DESCRIPTION, format = Parameter.BACKBONE)
        String backbone,

        @Schema(
                description = Parameter.BACKBONE_IMAGE_SIZE_DESCRIPTION,
                format = Parameter.BACKBONE_IMAGE_SIZE,
                minimum = Parameter.SMALLEST_BACKBONE_IMAGE,
                maximum = Parameter.MAX_BACKBONE_IMAGE,
                multipleOf = Parameter.BACKBONE_IMAGE_STEP)
        Integer imageSize,

        @Schema(description = "most passes over the TRAIN images", minimum = "1", maximum = "10000")
        int epochs,

        @Schema(description = "images per step", minimum = "1", maximum = "4096")
        int batchSize,

        @Schema(description = "learning rate of Adam", minimum = "1e-9", maximum = "1")
        double learningRate,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    public static final TransferParameters DEFAULTS = new TransferParameters(
            BackboneName.SCATTERING, null, 60, 64, 0.003, RegionParameters.WHOLE, FilterParameters.NONE);
}
