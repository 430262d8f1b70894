package dev.loupe.vision.recipe.scratch;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.vision.classification.TrainingExamples;
import dev.loupe.vision.training.TrainingImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;

/** Prepared images; augmentation flips them horizontally at random. */
final class ImageExamples implements TrainingExamples {
    /** Memory for prepared images: as long as they fit they are decoded once, the others in each epoch. */
    private static final long CACHE_BYTES = 1L << 30;

    private final List<TrainingImage> images;
    private final int[] labels;
    private final Preprocessing preprocessing;
    private final float[][] cache;

    ImageExamples(List<TrainingImage> images, int[] labels, Preprocessing preprocessing) {
        this.images = images;
        this.labels = labels;
        this.preprocessing = preprocessing;
        this.cache = new float[(int) Math.min(images.size(), CACHE_BYTES / (4L * preprocessing.size()))][];
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public long[] shape() {
        return new long[] {3, preprocessing.height(), preprocessing.width()};
    }

    @Override
    public void write(int index, Random augmentation, float[] target, int offset) {
        float[] image = values(index);
        boolean mirrored = augmentation != null && augmentation.nextBoolean();
        int width = preprocessing.width();
        for (int row = 0; row < image.length; row += width) {
            for (int x = 0; x < width; x++) {
                target[offset + row + x] = image[row + (mirrored ? width - 1 - x : x)];
            }
        }
    }

    private float[] values(int index) {
        if (index < cache.length && cache[index] != null) {
            return cache[index];
        }
        TrainingImage image = images.get(index);
        float[] values;
        try {
            values = preprocessing.apply(Files.readAllBytes(image.file()));
        } catch (IOException e) {
            throw new UncheckedIOException("image '" + image.id() + "': " + e.getMessage(), e);
        }
        if (index < cache.length) {
            cache[index] = values;
        }
        return values;
    }
}
