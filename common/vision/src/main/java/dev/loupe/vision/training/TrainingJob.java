package dev.loupe.vision.training;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.ImagePreparation;
import dev.loupe.model.backbone.Backbone;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The input of a training.
 *
 * @param images images of all splits
 * @param labels labels in the order of the model's outputs; for anomaly detection the normal label, then the abnormal
 *     one
 * @param backbones backbones to use, or to choose among; empty for a recipe that uses none
 * @param seed seed of all random numbers
 * @param threads number of cores to use, at least 1
 * @param workFolder folder for files of this training, including {@code model.onnx}; must exist
 * @param progress receives the progress
 * @param checkpoints where the state is saved, and resumed from
 */
public record TrainingJob(
        List<TrainingImage> images,
        List<String> labels,
        List<Backbone> backbones,
        long seed,
        int threads,
        Path workFolder,
        Progress progress,
        Checkpoints checkpoints) {

    public TrainingJob {
        images = List.copyOf(images);
        labels = List.copyOf(labels);
        backbones = List.copyOf(backbones);
        Objects.requireNonNull(workFolder, "workFolder");
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(checkpoints, "checkpoints");
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, got " + threads);
        }
        Set<String> known = new HashSet<>(labels);
        for (TrainingImage image : images) {
            if (!known.contains(image.label())) {
                throw new IllegalArgumentException(
                        "image '" + image.id() + "' has the label '" + image.label() + "', expected one of " + labels);
            }
        }
    }

    /**
     * A job with one backbone.
     *
     * @param backbone backbone to use, null for a recipe that uses none
     */
    public TrainingJob(
            List<TrainingImage> images,
            List<String> labels,
            Backbone backbone,
            long seed,
            int threads,
            Path workFolder,
            Progress progress,
            Checkpoints checkpoints) {
        this(
                images,
                labels,
                backbone == null ? List.of() : List.of(backbone),
                seed,
                threads,
                workFolder,
                progress,
                checkpoints);
    }

    /** The backbone of a recipe that uses one, null if there is none. */
    public Backbone backbone() {
        return backbones.isEmpty() ? null : backbones.getFirst();
    }

    /** The same job with images that are prepared in this way for its backbones. */
    public TrainingJob preparing(ImagePreparation preparation) {
        return changing(backbone -> backbone.with(backbone.preprocessing().with(preparation)));
    }

    /**
     * The same job with backbones that see an image in tiles.
     *
     * @throws dev.loupe.model.onnx.InvalidOnnxException as {@link Backbone#tiled}
     */
    public TrainingJob tiled(int tiles) {
        return changing(backbone -> backbone.tiled(tiles));
    }

    private TrainingJob changing(UnaryOperator<Backbone> change) {
        return new TrainingJob(
                images,
                labels,
                backbones.stream().map(change).toList(),
                seed,
                threads,
                workFolder,
                progress,
                checkpoints);
    }

    /** The same job with some of its images. */
    public TrainingJob with(List<TrainingImage> some) {
        return new TrainingJob(some, labels, backbones, seed, threads, workFolder, progress, checkpoints);
    }

    /** The images of a split, in the job's order. */
    public List<TrainingImage> images(Split split) {
        return images.stream().filter(image -> image.split() == split).toList();
    }

    /** For each image of a split, the index of its label. */
    public int[] classes(Split split) {
        return images(split).stream()
                .mapToInt(image -> labels.indexOf(image.label()))
                .toArray();
    }
}
