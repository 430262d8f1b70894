package dev.loupe.vision.training;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Keeps each checkpoint; ends the training after one of them, once. */
public final class KillingCheckpoints implements Checkpoints {
    private final FolderCheckpoints kept;
    private String killAt;

    /** The end of a training. */
    public static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    public KillingCheckpoints(Path folder) {
        kept = new FolderCheckpoints(folder);
    }

    /** Ends the training after the checkpoint with this name. */
    public void killAt(String name) {
        killAt = name;
    }

    @Override
    public Optional<Checkpoint> latest() {
        return kept.latest();
    }

    @Override
    public CheckpointInterval interval() {
        return new CheckpointInterval(Duration.ZERO, 0);
    }

    @Override
    public void save(String name, Path folder) {
        kept.save(name, folder);
        if (name.equals(killAt)) {
            killAt = null;
            throw new Killed();
        }
    }
}
