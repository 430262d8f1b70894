package dev.loupe.vision.training;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a training saves its state, so that another attempt goes on from there. A port: the trainer puts it on object
 * storage, {@link FolderCheckpoints} into a folder.
 *
 * <p>A training calls it from one thread. Its state belongs to one job: who resumes gives the same images, parameters
 * and seed.
 */
public interface Checkpoints {
    /** Saves nothing and finds nothing. */
    Checkpoints NONE = new Checkpoints() {
        @Override
        public Optional<Checkpoint> latest() {
            return Optional.empty();
        }

        @Override
        public void save(String name, Path folder) {}
    };

    /**
     * The newest complete checkpoint.
     *
     * @throws java.io.UncheckedIOException if what was saved can't be read
     */
    Optional<Checkpoint> latest();

    /**
     * Saves the files of a folder (no folders in it). Atomic: killed halfway, the previous checkpoint is the latest.
     *
     * @param name what it holds, for people
     * @param folder to copy; the caller may delete it afterwards
     * @throws java.io.UncheckedIOException if it can't be saved
     */
    void save(String name, Path folder);
}
