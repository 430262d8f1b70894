package dev.loupe.vision.recipe;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.vision.classification.LearningRateSchedule;
import dev.loupe.vision.classification.OptimizerSettings;
import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of recipes that train a network by gradient descent. */
public record OptimizationParameters(
        @Schema(description = "images per step", minimum = "1", maximum = "4096")
        int batchSize,

        @Schema(description = "the optimizer") OptimizerSettings.Kind optimizer,

        @Schema(description = "learning rate", minimum = "1e-9", maximum = "1")
        double learningRate,

        @Schema(description = "whether a range test chooses the learning rate, before the first epoch")
        boolean findLearningRate,

        @Schema(description = "momentum of sgd", minimum = "0", maximum = "0.9999")
        double momentum,

        @Schema(description = "whether sgd uses Nesterov's momentum")
        boolean nesterov,

        @Schema(
                description = "weight decay, not of biases and batch normalisation; an L2 penalty except with adamw",
                minimum = "0",
                maximum = "1")
        double weightDecay,

        @Schema(description = "how the learning rate changes")
        LearningRateSchedule.Kind schedule,

        @Schema(
                description = "epochs in which the learning rate rises; for one-cycle 0 is 0.3 of the epochs",
                minimum = "0",
                maximum = "10000")
        int warmupEpochs,

        @Schema(
                description =
                        "schedule step: epochs between reductions; plateau: epochs without a lower loss before one",
                minimum = "1",
                maximum = "10000")
        int stepEpochs,

        @Schema(description = "schedules step and plateau: factor of a reduction", minimum = "1e-6", maximum = "1")
        double stepDecay,

        @Schema(description = "share of the target that is spread over all classes", minimum = "0", maximum = "0.9")
        double labelSmoothing,

        @JsonUnwrapped ImbalanceParameters balance,

        @Schema(description = "largest norm of the gradient, 0 for no limit", minimum = "0", maximum = "1000000")
        double clipNorm,

        @Schema(
                description = "moving average of the weights: share that a step keeps, 0 for no average",
                minimum = "0",
                maximum = "0.99999")
        double averageDecay,

        @Schema(
                description = "epochs without an improvement on DEV before training ends",
                minimum = "1",
                maximum = "10000")
        int patience) {

    /** Adam with half a cosine. */
    public static OptimizationParameters adam(int batchSize, double learningRate, double weightDecay, int patience) {
        return new OptimizationParameters(
                batchSize,
                OptimizerSettings.Kind.ADAM,
                learningRate,
                false,
                0.9,
                false,
                weightDecay,
                LearningRateSchedule.Kind.COSINE,
                0,
                10,
                0.1,
                0,
                ImbalanceParameters.NONE,
                0,
                0,
                patience);
    }

    /** The plan of a training of so many epochs. */
    public Plan plan(int epochs, long seed) {
        return new Plan(
                epochs,
                batchSize,
                patience,
                seed,
                new OptimizerSettings(optimizer, learningRate, momentum, nesterov, weightDecay, clipNorm),
                new LearningRateSchedule(schedule, warmupEpochs, stepEpochs, stepDecay),
                balance.loss(labelSmoothing),
                findLearningRate,
                averageDecay);
    }
}
