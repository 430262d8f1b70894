package dev.loupe.vision.training;

import dev.loupe.imaging.Heatmap;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.model.AnomalyPrediction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Heatmaps of the TEST images, drawn while an anomaly detector is evaluated: files in the work folder of the job.
 * Thread-safe.
 */
public final class TestHeatmaps {
    /** Longest side of a heatmap in pixels; a smaller image has one of its own size. */
    public static final int LONGEST_SIDE = 256;
    /** Most bytes of the heatmaps of a job; further images have none. */
    public static final long MAX_BYTES = 256L << 20;

    private final Path workFolder;
    private final double threshold;
    private final AtomicLong bytes = new AtomicLong();

    /**
     * @param workFolder work folder of the job
     * @param threshold score from which an image is anomalous
     */
    TestHeatmaps(Path workFolder, double threshold) {
        this.workFolder = workFolder;
        this.threshold = threshold;
        try {
            Files.createDirectories(workFolder.resolve("heatmaps"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the file with the heatmap of an image: a PNG as {@link Heatmap#overlay} draws it. May not exist. */
    public static Path file(Path workFolder, String imageId) {
        return workFolder.resolve("heatmaps").resolve(URLEncoder.encode(imageId, StandardCharsets.UTF_8) + ".png");
    }

    /** Draws the heatmap of an image, unless there is no space left for it. */
    void draw(TrainingImage image, AnomalyPrediction prediction) {
        if (bytes.get() > MAX_BYTES) {
            return;
        }
        try {
            byte[] png = overlay(Files.readAllBytes(image.file()), prediction, threshold);
            if (bytes.addAndGet(png.length) <= MAX_BYTES) {
                Files.write(file(workFolder, image.id()), png);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("heatmap of image '" + image.id() + "': " + e.getMessage(), e);
        }
    }

    private static byte[] overlay(byte[] encoded, AnomalyPrediction prediction, double threshold) {
        ImageInspection image = ImageDecoder.header(encoded);
        double ratio = Math.min(1, (double) LONGEST_SIDE / Math.max(image.width(), image.height()));
        return Heatmap.overlay(
                prediction.map(),
                prediction.mapWidth(),
                prediction.mapHeight(),
                threshold,
                Math.max(1, (int) Math.round(ratio * image.width())),
                Math.max(1, (int) Math.round(ratio * image.height())));
    }
}
