package dev.loupe.vision.training;

import dev.loupe.contracts.Split;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A labelled image file.
 *
 * @param id id that is unique in the job: messages, test predictions and parity samples refer to the image by it
 * @param file file with the encoded image
 * @param label one of the job's labels
 * @param split what it is used for
 */
public record TrainingImage(String id, Path file, String label, Split split) {
    public TrainingImage {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(split, "split");
    }
}
