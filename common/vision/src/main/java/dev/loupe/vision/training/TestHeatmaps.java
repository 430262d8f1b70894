package dev.loupe.vision.training;

import dev.loupe.imaging.AnomalyMap;
import dev.loupe.imaging.Heatmap;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.InputGeometry;
import dev.loupe.imaging.Preprocessing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Heatmaps of the TEST images: files in the work folder of the job. Those of an anomaly detector are drawn while it is
 * evaluated. Thread-safe.
 */
public final class TestHeatmaps {
    /** Longest side of a heatmap in pixels; a smaller image has one of its own size. */
    public static final int LONGEST_SIDE = 256;
    /** Most bytes of the heatmaps of a job; further images have none. */
    public static final long MAX_BYTES = 256L << 20;

    private final Path workFolder;
    private final Preprocessing preprocessing;
    private final AtomicLong bytes = new AtomicLong();

    /**
     * @param workFolder work folder of the job
     * @param preprocessing of the model whose maps they are
     */
    public TestHeatmaps(Path workFolder, Preprocessing preprocessing) {
        this.workFolder = workFolder;
        this.preprocessing = preprocessing;
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

    /**
     * Draws the heatmap of an image, unless there is no space left for it.
     *
     * @param id of the image
     * @param image its file
     * @param map makes the map of the image, given where the model's input lies in it
     * @param threshold value from which a place is coloured, greater than 0
     * @param score value that the hottest place has: the anomaly score of the image
     */
    public void draw(String id, Path image, Function<InputGeometry, AnomalyMap> map, double threshold, double score) {
        if (bytes.get() > MAX_BYTES) {
            return;
        }
        try {
            byte[] png = overlay(Files.readAllBytes(image), map, threshold, score);
            if (bytes.addAndGet(png.length) <= MAX_BYTES) {
                Files.write(file(workFolder, id), png);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("heatmap of image '" + id + "': " + e.getMessage(), e);
        }
    }

    private byte[] overlay(byte[] encoded, Function<InputGeometry, AnomalyMap> map, double threshold, double score) {
        ImageInspection image = ImageDecoder.header(encoded);
        double ratio = Math.min(1, (double) LONGEST_SIDE / Math.max(image.width(), image.height()));
        return Heatmap.overlay(
                map.apply(preprocessing.geometry(image.width(), image.height())),
                threshold,
                Math.max(1, (int) Math.round(ratio * image.width())),
                Math.max(1, (int) Math.round(ratio * image.height())),
                score);
    }
}
