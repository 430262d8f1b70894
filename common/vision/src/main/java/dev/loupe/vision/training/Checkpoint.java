package dev.loupe.vision.training;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A complete saved state of a training.
 *
 * @param name what it holds, for people: {@code epoch 7}
 * @param folder with its files, to be read only; valid until the next call to {@link Checkpoints}
 */
public record Checkpoint(String name, Path folder) {
    public Checkpoint {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(folder, "folder");
    }
}
