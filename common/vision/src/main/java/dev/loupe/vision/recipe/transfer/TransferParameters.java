package dev.loupe.vision.recipe.transfer;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.vision.classification.LearningRateSchedule;
import dev.loupe.vision.classification.OptimizerSettings;
import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.ImbalanceParameters;
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
                description = "units of a hidden layer between the features and the classes, 0 for a linear head",
                minimum = "0",
                maximum = "4096")
        int hidden,

        @Schema(
                description = "share of the hidden units that a step of the training leaves out",
                minimum = "0",
                maximum = "0.9")
        double dropout,

        @JsonUnwrapped ImbalanceParameters balance,

        @JsonUnwrapped RegionParameters region,

        @JsonUnwrapped FilterParameters filters) {

    public static final TransferParameters DEFAULTS = new TransferParameters(
            BackboneName.SCATTERING,
            null,
            60,
            64,
            0.003,
            0,
            0,
            ImbalanceParameters.NONE,
            RegionParameters.WHOLE,
            FilterParameters.NONE);

    private static final double PENALTY = 1e-3;
    private static final int PATIENCE = 20;

    /** The defaults with another number of epochs, and another loss. */
    public static TransferParameters linear(int epochs, ImbalanceParameters balance) {
        return new TransferParameters(
                DEFAULTS.backbone,
                null,
                epochs,
                DEFAULTS.batchSize,
                DEFAULTS.learningRate,
                0,
                0,
                balance,
                DEFAULTS.region,
                DEFAULTS.filters);
    }

    /** The head for so many features and classes. */
    Net head(int features, int classes) {
        return hidden == 0 ? Net.linear(features, classes) : Net.perceptron(features, hidden, dropout, classes);
    }

    /** The plan of the head's training. */
    Plan plan(long seed) {
        return new Plan(
                epochs,
                batchSize,
                PATIENCE,
                seed,
                OptimizerSettings.adam(learningRate, PENALTY),
                LearningRateSchedule.cosine(),
                balance.loss(0),
                false,
                0);
    }
}
