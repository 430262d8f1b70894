package dev.loupe.vision.anomaly;

import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of recipes that train a network with {@link RegressionTraining}. */
public record RegressionParameters(
        @Schema(description = "most passes over the TRAIN images", minimum = "1", maximum = "10000")
        int epochs,

        @Schema(description = "images per step", minimum = "1", maximum = "4096")
        int batchSize,

        @Schema(description = "learning rate of Adam", minimum = "1e-9", maximum = "1")
        double learningRate,

        @Schema(
                description = "epochs without an improvement on DEV before training ends",
                minimum = "1",
                maximum = "10000")
        int patience) {}
