package dev.loupe.vision.training;

/**
 * Parameters of a training. A null parameter gets the default of the trainer.
 *
 * @param imageSize side of the square that images are resized to when training from scratch; a backbone determines its
 *     own
 * @param epochs most passes over the TRAIN images
 * @param batchSize images per step
 * @param learningRate learning rate of Adam
 * @param coresetRatio fraction of the TRAIN patches that the memory bank keeps, 0..1
 */
public record TrainingParameters(
        Integer imageSize, Integer epochs, Integer batchSize, Double learningRate, Double coresetRatio) {

    public TrainingParameters {
        positive("imageSize", imageSize);
        positive("epochs", epochs);
        positive("batchSize", batchSize);
        positive("learningRate", learningRate);
        positive("coresetRatio", coresetRatio);
        if (coresetRatio != null && coresetRatio > 1) {
            throw new IllegalArgumentException("coresetRatio must be at most 1, got " + coresetRatio);
        }
    }

    private static void positive(String name, Number value) {
        if (value != null && !(value.doubleValue() > 0)) {
            throw new IllegalArgumentException(name + " must be greater than 0, got " + value);
        }
    }

    /** All parameters have their defaults. */
    public static TrainingParameters defaults() {
        return new TrainingParameters(null, null, null, null, null);
    }
}
