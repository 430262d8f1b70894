package dev.loupe.vision.classification;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.Augmentation;
import dev.loupe.imaging.BatchMixing;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;

/** Prepared images, changed at random for training. */
public final class ImageExamples implements TrainingExamples {
    /**
     * Memory for prepared images, at most a quarter of the heap, so that those of TRAIN and DEV leave half of it: as long as
     * they fit they are decoded once, the others in each epoch.
     */
    private static final long CACHE_BYTES =
            Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 4);

    private final List<TrainingImage> images;
    private final int[] labels;
    private final Preprocessing preprocessing;
    private final Augmentation augmentation;
    private final BatchMixing mixing;
    private final float[][] cache;

    /** The images of a split of a job. */
    public ImageExamples(
            TrainingJob job, Split split, Preprocessing preprocessing, Augmentation augmentation, BatchMixing mixing) {
        this.images = job.images(split);
        this.labels = job.classes(split);
        this.preprocessing = preprocessing;
        this.augmentation = augmentation;
        this.mixing = mixing;
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
    public void write(int index, Random random, float[] target, int offset) {
        float[] image = values(index);
        if (random == null) {
            System.arraycopy(image, 0, target, offset, image.length);
            return;
        }
        int plane = preprocessing.width() * preprocessing.height();
        float[] colours = new float[image.length];
        for (int i = 0; i < image.length; i++) {
            colours[i] =
                    image[i] * preprocessing.std()[i / plane] + preprocessing.mean()[i / plane];
        }
        float[] changed = augmentation.apply(colours, preprocessing.width(), preprocessing.height(), random);
        for (int i = 0; i < image.length; i++) {
            target[offset + i] = (changed[i] - preprocessing.mean()[i / plane])
                    / preprocessing.std()[i / plane];
        }
    }

    @Override
    public boolean isCostly() {
        return true;
    }

    @Override
    public void mix(float[] inputs, float[] targets, int size, Random random) {
        mixing.apply(inputs, targets, size, preprocessing.width(), random);
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
