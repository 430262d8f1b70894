package dev.loupe.vision.recipe.scratch;

import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link ScratchRecipe}. */
public record ScratchParameters(
        @Schema(description = "side in pixels that images are resized to", minimum = "32", maximum = "1024")
        int imageSize,

        @Schema(description = "most passes over the TRAIN images", minimum = "1", maximum = "10000")
        int epochs,

        @Schema(description = "images per step", minimum = "1", maximum = "4096")
        int batchSize,

        @Schema(description = "learning rate of Adam", minimum = "1e-9", maximum = "1")
        double learningRate) {

    static final ScratchParameters DEFAULTS = new ScratchParameters(64, 40, 32, 0.002);
}
