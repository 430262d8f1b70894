package dev.loupe.contracts.training;

import java.util.Arrays;

/**
 * How a model is trained. A null parameter gets the default of the recipe type, see docs/reference/recipes.md.
 *
 * @param type type of the recipe
 * @param backbone name of an imported backbone, {@code scattering} (built in) or {@code random} (the control); null:
 *     scattering. Not used by {@link Type#CLASSIFICATION_SCRATCH}.
 * @param imageSize side of the square that images are resized to, 32..1024
 * @param epochs most passes over the TRAIN images, 1..10000 (classification)
 * @param batchSize images per step, 1..4096 (classification)
 * @param learningRate learning rate of Adam, 0..1 (classification)
 * @param coresetRatio fraction of the TRAIN patches that the memory bank keeps, 0..1 (anomaly detection)
 */
public record Recipe(
        Type type,
        String backbone,
        Integer imageSize,
        Integer epochs,
        Integer batchSize,
        Double learningRate,
        Double coresetRatio) {

    /** Types of recipes. */
    public enum Type {
        /** Trains a linear head on the features of a backbone. */
        CLASSIFICATION_TRANSFER,
        /** Trains a small residual network from scratch. */
        CLASSIFICATION_SCRATCH,
        /** PatchCore: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022. */
        ANOMALY_PATCHCORE
    }

    /** Name of the built-in backbone. */
    public static final String SCATTERING = "scattering";

    /** Name of the control: a network with random weights. */
    public static final String RANDOM = "random";

    public Recipe {
        if (type == null) {
            throw new IllegalArgumentException(
                    "recipe: type is missing, expected one of " + Arrays.toString(Type.values()));
        }
        within("imageSize", imageSize, 32, 1024, "a whole number of pixels from 32 to 1024");
        within("epochs", epochs, 1, 10_000, "a whole number from 1 to 10000");
        within("batchSize", batchSize, 1, 4096, "a whole number from 1 to 4096");
        within("learningRate", learningRate, 1e-9, 1, "a number from 1e-9 to 1");
        within("coresetRatio", coresetRatio, 1e-6, 1, "a number from 1e-6 to 1");
    }

    private static void within(String name, Number value, double least, double most, String expected) {
        if (value != null && !(value.doubleValue() >= least && value.doubleValue() <= most)) {
            throw new IllegalArgumentException("recipe: " + name + ": expected " + expected + ", got " + value);
        }
    }

    /** Returns the same recipe with another backbone. */
    public Recipe withBackbone(String other) {
        return new Recipe(type, other, imageSize, epochs, batchSize, learningRate, coresetRatio);
    }
}
