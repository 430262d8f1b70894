package dev.loupe.vision.recipe.autoencoder;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.anomaly.RegressionParameters;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of {@link AutoencoderRecipe}. */
public record AutoencoderParameters(
        @Schema(
                description = "side in pixels that images are resized to",
                minimum = "32",
                maximum = "512",
                multipleOf = 16)
        int imageSize,

        @Schema(
                description = "filters of the network's first convolution; deeper ones have up to four times as many",
                minimum = "4",
                maximum = "128")
        int width,

        @Schema(
                description = "channels of the code, which has a sixteenth of the image's side",
                minimum = "1",
                maximum = "512")
        int code,

        @JsonUnwrapped RegressionParameters training,

        @Schema(description = ImageScore.DESCRIPTION) ImageScore score,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    static final AutoencoderParameters DEFAULTS = new AutoencoderParameters(
            128,
            16,
            16,
            new RegressionParameters(100, 8, 0.002, 20),
            ImageScore.MAX,
            RegionParameters.WHOLE,
            FilterParameters.NONE);
}
