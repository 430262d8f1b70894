package dev.loupe.vision.recipe.scratch;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.vision.net.Network;
import dev.loupe.vision.recipe.AugmentationParameters;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.OptimizationParameters;
import dev.loupe.vision.recipe.RegionParameters;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link ScratchRecipe}. */
public record ScratchParameters(
        @Schema(description = "the network") Network network,

        @Schema(
                description = "side in pixels that images are resized to; alexnet needs at least 64",
                minimum = "32",
                maximum = "1024")
        int imageSize,

        @Schema(description = "most passes over the TRAIN images", minimum = "1", maximum = "10000")
        int epochs,

        @JsonUnwrapped OptimizationParameters optimization,

        @JsonUnwrapped AugmentationParameters augmentation,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    static final ScratchParameters DEFAULTS = new ScratchParameters(
            Network.RESNET10,
            64,
            40,
            OptimizationParameters.adam(32, 0.002, 5e-4, 15),
            AugmentationParameters.MIRRORED,
            RegionParameters.WHOLE,
            FilterParameters.NONE);
}
