package dev.loupe.vision.anomaly;

import dev.loupe.imaging.ImageConditions;
import dev.loupe.imaging.ImageConditions.Measure;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.NormalRange;
import dev.loupe.model.NormalRange.Limits;
import dev.loupe.vision.evaluation.ToleranceInterval;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Learns from normal images how they were taken. The range of a measure contains all of them, and {@value #SHARE} of all
 * images that are taken in the same way with a confidence of {@value #CONFIDENCE}, if the measure (of sharpness, shape
 * and size the logarithm) is normally distributed. It is never narrower than a tolerance that no camera keeps.
 */
public final class NormalImages {
    /** Fewest images from which a range is learned. */
    public static final int FEWEST = 10;
    /** Most images that are measured: more do not make a range better. */
    static final int MOST = 1000;

    static final double SHARE = 0.999;
    static final double CONFIDENCE = 0.95;

    /** Grey values that the brightness may always differ from the mean. */
    private static final double BRIGHTNESS_TOLERANCE = 5;
    /** Factors by which the others may always differ from the geometric mean. */
    private static final double SHARPNESS_TOLERANCE = 1.25;

    private static final double MAX_BRIGHTNESS = 255;
    private static final double ASPECT_TOLERANCE = 1.05;
    private static final double SIZE_TOLERANCE = 1.1;

    private NormalImages() {}

    /**
     * Learns the range.
     *
     * @param images normal images that the model learns from; of more than {@value #MOST}, as many are measured
     * @param threads number of images that are measured at a time
     * @return null if there are fewer than {@value #FEWEST} images
     * @throws dev.loupe.vision.training.CancelledException if {@code progress} is cancelled
     */
    public static NormalRange range(
            List<TrainingImage> images, Preprocessing preprocessing, int threads, Progress progress) {
        if (images.size() < FEWEST) {
            return null;
        }
        int step = Math.ceilDiv(images.size(), MOST);
        List<TrainingImage> measured = new ArrayList<>();
        for (int i = 0; i < images.size(); i += step) {
            measured.add(images.get(i));
        }
        return range(measure(measured, preprocessing, threads, progress));
    }

    /**
     * Measures images.
     *
     * @param threads number of images that are measured at a time
     * @throws dev.loupe.vision.training.CancelledException if {@code progress} is cancelled
     */
    public static List<ImageConditions> measure(
            List<TrainingImage> images, Preprocessing preprocessing, int threads, Progress progress) {
        List<ImageConditions> conditions = new ArrayList<>(images.size());
        try (ExecutorService workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("measure-", 0).daemon().factory())) {
            List<Future<ImageConditions>> running = images.stream()
                    .map(image -> workers.submit(() -> measure(image, preprocessing)))
                    .toList();
            try {
                for (Future<ImageConditions> future : running) {
                    progress.check();
                    progress.report("measure", conditions.size(), images.size(), Map.of());
                    conditions.add(finished(future));
                }
            } finally {
                running.forEach(future -> future.cancel(false));
            }
        }
        return conditions;
    }

    private static ImageConditions finished(Future<ImageConditions> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("an image could not be measured", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while images were measured", e);
        }
    }

    private static ImageConditions measure(TrainingImage image, Preprocessing preprocessing) {
        try {
            byte[] encoded = Files.readAllBytes(image.file());
            ImageInspection header = ImageDecoder.header(encoded);
            return ImageConditions.of(preprocessing.apply(encoded), 0, preprocessing)
                    .withSize(header.width(), header.height());
        } catch (IOException e) {
            throw new UncheckedIOException("image '" + image.id() + "': " + e.getMessage(), e);
        }
    }

    /** The range of images with these conditions, of which there are at least two. */
    static NormalRange range(List<ImageConditions> images) {
        Map<Measure, Limits> limits = new EnumMap<>(Measure.class);
        for (Measure measure : Measure.values()) {
            double[] values = images.stream()
                    .mapToDouble(image -> image.values().get(measure))
                    .map(value -> transformed(measure, value))
                    .toArray();
            limits.put(measure, limits(measure, values));
        }
        return new NormalRange(images.size(), limits);
    }

    private static Limits limits(Measure measure, double[] values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        double deviation = Math.sqrt(squares / (values.length - 1));
        double margin =
                Math.max(tolerance(measure), ToleranceInterval.factor(values.length, SHARE, CONFIDENCE) * deviation);
        double low = Math.min(mean - margin, Arrays.stream(values).min().orElseThrow());
        double high = Math.max(mean + margin, Arrays.stream(values).max().orElseThrow());
        return new Limits(restored(measure, low), restored(measure, high));
    }

    private static double tolerance(Measure measure) {
        return switch (measure) {
            case BRIGHTNESS -> BRIGHTNESS_TOLERANCE;
            case SHARPNESS -> Math.log(SHARPNESS_TOLERANCE);
            case ASPECT_RATIO -> Math.log(ASPECT_TOLERANCE);
            case SIZE -> Math.log(SIZE_TOLERANCE);
        };
    }

    private static double transformed(Measure measure, double value) {
        return switch (measure) {
            case BRIGHTNESS -> value;
            case SHARPNESS -> Math.log1p(value);
            case ASPECT_RATIO, SIZE -> Math.log(value);
        };
    }

    private static double restored(Measure measure, double value) {
        return switch (measure) {
            case BRIGHTNESS -> Math.clamp(value, 0, MAX_BRIGHTNESS);
            case SHARPNESS -> Math.max(0, Math.expm1(value));
            case ASPECT_RATIO, SIZE -> Math.exp(value);
        };
    }
}
