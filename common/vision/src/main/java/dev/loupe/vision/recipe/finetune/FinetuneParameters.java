package dev.loupe.vision.recipe.finetune;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.recipe.AugmentationParameters;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.OptimizationParameters;
import dev.loupe.vision.recipe.RegionParameters;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link FinetuneRecipe}. */
public record FinetuneParameters(
        @Schema(description = Parameter.BACKBONE_DESCRIPTION, format = Parameter.BACKBONE)
        String backbone,

        @Schema(
                description = Parameter.BACKBONE_IMAGE_SIZE_DESCRIPTION,
                format = Parameter.BACKBONE_IMAGE_SIZE,
                minimum = Parameter.SMALLEST_BACKBONE_IMAGE,
                maximum = Parameter.MAX_BACKBONE_IMAGE,
                multipleOf = Parameter.BACKBONE_IMAGE_STEP)
        Integer imageSize,

        @Schema(
                description = "stage 1, head alone: most passes over the TRAIN images",
                minimum = "1",
                maximum = "10000")
        int headEpochs,

        @Schema(
                description = "stage 2, last layers: most passes over the TRAIN images, 0 for none",
                minimum = "0",
                maximum = "10000")
        int lastEpochs,

        @Schema(description = "stage 2: share of the backbone's layers that learn", minimum = "0", maximum = "1")
        double lastLayers,

        @Schema(
                description = "stage 3, all layers: most passes over the TRAIN images, 0 for none",
                minimum = "0",
                maximum = "10000")
        int allEpochs,

        @Schema(
                description = "learning rate of the first layer as a share of the head's; layers between them have"
                        + " rates in geometric progression",
                minimum = "1e-6",
                maximum = "1")
        double firstLayerRate,

        @Schema(description = "whether batch normalisation keeps the backbone's running statistics")
        boolean freezeStatistics,

        @JsonUnwrapped OptimizationParameters optimization,

        @JsonUnwrapped AugmentationParameters augmentation,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    static final FinetuneParameters DEFAULTS = new FinetuneParameters(
            BackboneName.SCATTERING,
            null,
            60,
            3,
            0.3,
            6,
            0.1,
            true,
            OptimizationParameters.adam(32, 3e-4, 1e-4, 5),
            AugmentationParameters.MIRRORED,
            RegionParameters.WHOLE,
            FilterParameters.NONE);
}
