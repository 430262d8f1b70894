package dev.loupe.vision.recipe.patchcore;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.anomaly.Layers;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.RegionParameters;
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

        @Schema(
                description =
                        "which feature maps of the backbone are used: those of strides 4 and 8, 8 and 16, or 16 and"
                                + " 32, as far as it has them")
        Layers layers,

        @Schema(
                description =
                        "tiles in each direction, in which the backbone sees the image; neighbours share 64 pixels, so 3 tiles"
                                + " of 224 pixels see 544",
                minimum = "1",
                maximum = "4")
        int tiles,

        @Schema(description = "features before they are compared: whitened, of length 1, or as the backbone gives them")
        Treatment treatment,

        @Schema(description = "share of the TRAIN patches that the model keeps", minimum = "1e-6", maximum = "1")
        double coresetRatio,

        @Schema(description = ImageScore.DESCRIPTION) ImageScore score,

        @Schema(
                description =
                        "one memory of all images, or one for each product, which is chosen by the product of an image or by"
                                + " the nearest memory")
        Products products,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    /** The ratio is that of the paper. */
    static final PatchCoreParameters DEFAULTS = new PatchCoreParameters(
            BackboneName.SCATTERING,
            null,
            Layers.MIDDLE,
            1,
            Treatment.WHITENED,
            0.01,
            ImageScore.MAX,
            Products.SHARED,
            RegionParameters.WHOLE,
            FilterParameters.NONE);
}
