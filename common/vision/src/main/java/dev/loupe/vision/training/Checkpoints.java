package dev.loupe.vision.training;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Stores the state of a training, so that another attempt can resume from it. A port: the trainer implements it with
 * object storage, {@link FolderCheckpoints} with a folder.
 *
 * <p>A training calls it from one thread. The state belongs to one job: a resumed training must have the same images,
 * parameters and seed.
 */
public interface Checkpoints {
    /** Stores nothing and returns nothing. */
    Checkpoints NONE = new Checkpoints() {
        @Override
        public Optional<Checkpoint> latest() {
            return Optional.empty();
        }

        @Override
        public void save(String name, Path folder) {}
    };

    /**
     * Returns the newest complete checkpoint.
     *
     * @throws java.io.UncheckedIOException if the stored state cannot be read
     */
    Optional<Checkpoint> latest();

    /**
     * Saves the files of a folder without subfolders. Atomic: if it is interrupted, the previous checkpoint remains the
     * latest.
     *
     * @param name description of the content, for people
     * @param folder folder to copy; the caller may delete it afterwards
     * @throws java.io.UncheckedIOException if it cannot be saved
     */
    void save(String name, Path folder);

    /** How often a training saves its state. */
    default CheckpointInterval interval() {
        return CheckpointInterval.DEFAULT;
    }
}
