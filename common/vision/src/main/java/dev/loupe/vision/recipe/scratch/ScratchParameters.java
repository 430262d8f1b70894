package dev.loupe.vision.recipe.scratch;

import dev.loupe.imaging.Augmentation;
import dev.loupe.vision.classification.ClassLoss;
import dev.loupe.vision.classification.ClassLoss.Imbalance;
import dev.loupe.vision.classification.LearningRateSchedule;
import dev.loupe.vision.classification.OptimizerSettings;
import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import dev.loupe.vision.net.Network;
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

        @Schema(description = "images per step", minimum = "1", maximum = "4096")
        int batchSize,

        @Schema(description = "the optimizer") OptimizerSettings.Kind optimizer,

        @Schema(description = "learning rate", minimum = "1e-9", maximum = "1")
        double learningRate,

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
                description = "epochs in which the learning rate rises; for one-cycle 0 is 30 % of the epochs",
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

        @Schema(description = "what is done about classes with few images")
        Imbalance imbalance,

        @Schema(description = "exponent of focal loss", minimum = "0", maximum = "10")
        double focalGamma,

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
        int patience,

        @Schema(description = "augmentation: mirror half of the images")
        boolean flipHorizontal,

        @Schema(description = "augmentation: turn half of the images upside down")
        boolean flipVertical,

        @Schema(description = "augmentation: most degrees of a rotation", minimum = "0", maximum = "180")
        double rotation,

        @Schema(description = "augmentation: most shift, as a share of the side", minimum = "0", maximum = "0.9")
        double translation,

        @Schema(
                description = "augmentation: zoom s, by factors from 1 / (1 + s) to 1 + s",
                minimum = "0",
                maximum = "4")
        double zoom,

        @Schema(description = "augmentation: change of the brightness", minimum = "0", maximum = "1")
        double brightness,

        @Schema(description = "augmentation: change of the contrast", minimum = "0", maximum = "1")
        double contrast,

        @Schema(description = "augmentation: change of the saturation", minimum = "0", maximum = "1")
        double saturation,

        @Schema(
                description = "augmentation: change of the hue, as a share of the circle",
                minimum = "0",
                maximum = "0.5")
        double hue,

        @Schema(description = "augmentation: probability that a rectangle is erased", minimum = "0", maximum = "1")
        double erasing,

        @Schema(description = "augmentation: alpha of mixup, 0 for none", minimum = "0", maximum = "1")
        double mixup,

        @Schema(description = "augmentation: alpha of CutMix, 0 for none", minimum = "0", maximum = "1")
        double cutmix) {

    static final ScratchParameters DEFAULTS = new ScratchParameters(
            Network.RESNET10,
            64,
            40,
            32,
            OptimizerSettings.Kind.ADAM,
            0.002,
            0.9,
            false,
            5e-4,
            LearningRateSchedule.Kind.COSINE,
            0,
            10,
            0.1,
            0,
            Imbalance.NONE,
            2,
            0,
            0,
            15,
            true,
            false,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0);

    Plan plan(long seed) {
        return new Plan(
                epochs,
                batchSize,
                patience,
                seed,
                new OptimizerSettings(optimizer, learningRate, momentum, nesterov, weightDecay, clipNorm),
                new LearningRateSchedule(schedule, warmupEpochs, stepEpochs, stepDecay),
                new ClassLoss(labelSmoothing, imbalance, focalGamma),
                averageDecay);
    }

    Augmentation augmentation() {
        return new Augmentation(
                flipHorizontal,
                flipVertical,
                rotation,
                translation,
                zoom,
                brightness,
                contrast,
                saturation,
                hue,
                erasing);
    }

    BatchMixing mixing() {
        return new BatchMixing(mixup, cutmix);
    }
}
