package dev.loupe.vision.recipe.transfer;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.classification.ClassLoss;
import dev.loupe.vision.classification.ClassLoss.Imbalance;
import dev.loupe.vision.net.Net;
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

        @Schema(
                description = "units of a hidden layer between the features and the classes; 0: none, a linear head",
                minimum = "0",
                maximum = "4096")
        int hidden,

        @Schema(description = "share of the hidden units that each step drops", minimum = "0", maximum = "0.9")
        double dropout,

        @Schema(description = "what is done about classes with few images")
        Imbalance imbalance,

        @Schema(description = "exponent of focal loss", minimum = "0", maximum = "10")
        double focalGamma,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    public static final TransferParameters DEFAULTS = new TransferParameters(
            BackboneName.SCATTERING,
            null,
            60,
            64,
            0.003,
            0,
            0.3,
            Imbalance.NONE,
            2,
            RegionParameters.WHOLE,
            FilterParameters.NONE);

    /** The network from features to the scores of classes. */
    Net head(int features, int classes) {
        return hidden == 0 ? Net.linear(features, classes) : Net.perceptron(features, hidden, classes, dropout);
    }

    ClassLoss loss() {
        return new ClassLoss(0, imbalance, focalGamma);
    }
}
