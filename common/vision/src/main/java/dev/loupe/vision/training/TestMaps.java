package dev.loupe.vision.training;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.DefectRegions;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.vision.evaluation.PixelSample;
import dev.loupe.vision.evaluation.PixelScores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/**
 * Holds the anomaly maps of the TEST images against their masks. A map is resized to the size of the mask, and that of a
 * normal image to the size of the image, bilinearly; it is 0 where the model does not look. An image of more than
 * {@value #MAX_PIXELS} pixels is reduced by a whole divisor of its sides, so that the memory is bounded.
 */
final class TestMaps {
    static final int MAX_PIXELS = 1 << 21;

    private final String normal;
    private final boolean masks;
    private final Preprocessing preprocessing;
    private final PixelScores scores = new PixelScores();

    /** @param preprocessing of the model whose maps they are */
    TestMaps(TrainingJob job, Preprocessing preprocessing) {
        this.preprocessing = preprocessing;
        this.normal = job.labels().getFirst();
        this.masks = job.images(Split.TEST).stream().anyMatch(image -> image.mask() != null);
    }

    /** The pixels of the images that were added. */
    PixelScores scores() {
        return scores;
    }

    /**
     * Returns the pixels of an image; null if the job has no masks, or if the image is abnormal and its defects are not
     * marked. Thread-safe.
     */
    PixelSample sample(TrainingImage image, AnomalyPrediction prediction) {
        if (!masks || !image.label().equals(normal) && image.mask() == null) {
            return null;
        }
        try {
            return image.label().equals(normal)
                    ? PixelSample.normal(ofNormal(image, prediction))
                    : ofAbnormal(image, prediction);
        } catch (IOException e) {
            throw new UncheckedIOException("mask of image '" + image.id() + "': " + e.getMessage(), e);
        }
    }

    private float[] ofNormal(TrainingImage image, AnomalyPrediction prediction) {
        ImageInspection size = image.header();
        int divisor = DefectRegions.divisor(size.width(), size.height(), MAX_PIXELS);
        return onImage(size, prediction, Math.ceilDiv(size.width(), divisor), Math.ceilDiv(size.height(), divisor));
    }

    private PixelSample ofAbnormal(TrainingImage image, AnomalyPrediction prediction) throws IOException {
        DefectRegions mask = DefectRegions.read(Files.readAllBytes(image.mask()), MAX_PIXELS);
        return mask.count() == 0
                ? null
                : PixelSample.abnormal(
                        image.defect(), onImage(image.header(), prediction, mask.width(), mask.height()), mask);
    }

    private float[] onImage(ImageInspection size, AnomalyPrediction prediction, int width, int height) {
        return prediction
                .map(preprocessing.geometry(size.width(), size.height()))
                .onImage(width, height);
    }

    /**
     * Adds the pixels of an image; the order of the images decides on the last digits. Not thread-safe.
     *
     * @param sample what {@link #sample} returned
     */
    void add(TrainingImage image, PixelSample sample) {
        if (sample != null) {
            scores.add(sample);
        } else if (!image.label().equals(normal)) {
            scores.addWithoutMask();
        }
    }
}
