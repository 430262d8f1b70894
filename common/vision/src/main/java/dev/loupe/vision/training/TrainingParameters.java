package dev.loupe.vision.training;

/**
 * Choices of a training. What is null is chosen by the one that trains.
 *
 * @param imageSize side of the square that images are resized to, from scratch: a backbone brings its own
 * @param epochs the most passes over the TRAIN images
 * @param batchSize images in one step
 * @param learningRate of Adam
 * @param coresetRatio share of the TRAIN patches kept in the memory bank, 0..1
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

    /** Everything is chosen by the one that trains. */
    public static TrainingParameters defaults() {
        return new TrainingParameters(null, null, null, null, null);
    }
}
