package dev.loupe.vision.classification;

import dev.loupe.vision.training.Checkpoint;
import dev.loupe.vision.training.CheckpointInterval;
import dev.loupe.vision.training.Checkpoints;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Checkpoints of a network's training: the features computed so far ({@code features.bin}) and, once training has
 * begun, its state ({@code state.bin}).
 */
public final class TrainingCheckpoints {
    private static final String FEATURES = "features.bin";
    private static final String STATE = "state.bin";

    private final Checkpoints checkpoints;
    private final CheckpointInterval interval;
    private final Path folder;
    private final String resumedFrom;
    private final List<float[]> features;
    private final TrainingState state;
    private int rowsWritten;
    private Runnable unsaved = () -> {};
    private long nextSave = System.nanoTime();

    /** Reads the latest checkpoint, if there is one. */
    public TrainingCheckpoints(Checkpoints checkpoints, Path workFolder) {
        this.checkpoints = checkpoints;
        this.interval = checkpoints.interval();
        try {
            folder = Files.createDirectories(workFolder.resolve("checkpoint"));
            Optional<Checkpoint> latest = checkpoints.latest();
            resumedFrom = latest.map(Checkpoint::name).orElse(null);
            Path saved = latest.map(Checkpoint::folder).orElse(null);
            features = saved != null && Files.exists(saved.resolve(FEATURES))
                    ? readFeatures(saved.resolve(FEATURES))
                    : List.of();
            state = saved != null && Files.exists(saved.resolve(STATE))
                    ? TrainingState.read(saved.resolve(STATE))
                    : null;
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoint: " + e.getMessage(), e);
        }
    }

    /** The features of the latest checkpoint, possibly not of all images; empty if it has none. */
    public static List<float[]> savedFeatures(Checkpoints checkpoints) {
        try {
            Path saved = checkpoints
                    .latest()
                    .map(latest -> latest.folder().resolve(FEATURES))
                    .orElse(null);
            return saved != null && Files.exists(saved) ? readFeatures(saved) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoint: " + e.getMessage(), e);
        }
    }

    /** Name of the checkpoint that was read, null if there was none. */
    public String resumedFrom() {
        return resumedFrom;
    }

    /** The saved features: those of the first images, possibly not of all. */
    public List<float[]> features() {
        return features;
    }

    /** The stage of the saved state, 1 if there is none. */
    public int stage() {
        return state == null ? 1 : state.stage();
    }

    /** The saved state, or a state with the {@code initial} weights if there is none. */
    public TrainingState stateOr(List<float[]> initial) {
        if (state == null) {
            return TrainingState.initial(initial);
        }
        if (!state.fits(initial)) {
            throw new IllegalStateException(
                    "checkpoint '" + resumedFrom + "' is of another network: it can't be resumed from");
        }
        return state;
    }

    /** Saves features if the checkpoint interval has passed. */
    public void saveFeatures(List<float[]> rows, int total) {
        save("features " + rows.size() + "/" + total, rows, null, rows.size() == total);
    }

    /** Saves the state after an epoch if the checkpoint interval has passed. */
    public void saveEpoch(List<float[]> rows, TrainingState now) {
        String stage = now.stage() == 1 ? "" : "stage " + now.stage() + " ";
        save(stage + "epoch " + now.epoch(), rows, now, false);
    }

    /** Saves everything that is newer than the last checkpoint, if there is anything. */
    public void flush() {
        unsaved.run();
    }

    private void save(String name, List<float[]> rows, TrainingState now, boolean always) {
        long start = System.nanoTime();
        if (checkpoints == Checkpoints.NONE) {
            return;
        }
        if (!always && start < nextSave) {
            unsaved = () -> save(name, rows, now, true);
            return;
        }
        unsaved = () -> {};
        try {
            // An existing file may be left over from an attempt that was killed.
            if (rows.size() != rowsWritten) {
                writeFeatures(folder.resolve(FEATURES), rows);
                rowsWritten = rows.size();
            }
            if (now != null) {
                now.write(folder.resolve(STATE));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoint '" + name + "': " + e.getMessage(), e);
        }
        checkpoints.save(name, folder);
        long end = System.nanoTime();
        nextSave = end + Math.max(interval.minimum().toNanos(), interval.costFactor() * (end - start));
    }

    private static void writeFeatures(Path file, List<float[]> rows) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            TrainingState.write(out, rows);
        }
    }

    private static List<float[]> readFeatures(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            return TrainingState.arrays(in);
        }
    }
}
