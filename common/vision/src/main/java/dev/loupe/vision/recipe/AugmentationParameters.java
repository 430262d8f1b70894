package dev.loupe.vision.recipe;

import dev.loupe.imaging.Augmentation;
import dev.loupe.imaging.BatchMixing;
import dev.loupe.imaging.RandAugment;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of recipes that train on images that are changed at random. */
public record AugmentationParameters(
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

        @Schema(
                description = "augmentation: largest standard deviation of a blur, in pixels",
                minimum = "0",
                maximum = "5")
        double blur,

        @Schema(
                description = "augmentation: largest standard deviation of noise, where 1 is white",
                minimum = "0",
                maximum = "1")
        double noise,

        @Schema(
                description = "augmentation: operations of RandAugment for each image, 0 for none",
                minimum = "0",
                maximum = "10")
        int randAugment,

        @Schema(description = "augmentation: strength of RandAugment's operations", minimum = "0", maximum = "1")
        double magnitude,

        @Schema(description = "augmentation: alpha of mixup, 0 for none", minimum = "0", maximum = "1")
        double mixup,

        @Schema(description = "augmentation: alpha of CutMix, 0 for none", minimum = "0", maximum = "1")
        double cutmix) {
    /** Torchvision's default: 9 of 30. */
    private static final double MAGNITUDE = .3;

    /** Half of the images are mirrored. */
    public static final AugmentationParameters MIRRORED =
            new AugmentationParameters(true, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, MAGNITUDE, 0, 0);

    /** How an image is changed. */
    public Augmentation augmentation() {
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
                erasing,
                blur,
                noise,
                new RandAugment(randAugment, magnitude));
    }

    /** How the images of a batch are mixed. */
    public BatchMixing mixing() {
        return new BatchMixing(mixup, cutmix);
    }
}
