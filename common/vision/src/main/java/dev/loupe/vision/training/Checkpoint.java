package dev.loupe.vision.training;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A complete saved state of a training.
 *
 * @param name description of the content, for people: {@code epoch 7}
 * @param folder folder with its files, read-only; valid until the next call of {@link Checkpoints}
 */
public record Checkpoint(String name, Path folder) {
    public Checkpoint {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(folder, "folder");
    }
}
