package dev.loupe.vision.recipe.auto;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.vision.training.Checkpoint;
import dev.loupe.vision.training.CheckpointInterval;
import dev.loupe.vision.training.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The trials of a job so far, kept in its checkpoints: results ({@code trials.json}), the best model ({@code
 * best.onnx}), and the name and the files of the trial that is in progress ({@code current.txt}, {@code current-*}).
 */
final class Trials {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RESULTS = "trials.json";
    private static final String BEST = "best.onnx";
    private static final String CURRENT = "current-";
    private static final String CURRENT_NAME = "current.txt";

    private final Checkpoints checkpoints;
    private final Comparator<Trial> order;
    private final Path folder;
    private final String resumedFrom;
    private final List<Trial> finished = new ArrayList<>();

    /**
     * Reads the latest checkpoint, if there is one.
     *
     * @param order the better trial is the greater one
     */
    Trials(Checkpoints checkpoints, Path workFolder, Comparator<Trial> order) {
        this.checkpoints = checkpoints;
        this.order = order;
        try {
            folder = Files.createDirectories(workFolder.resolve("trials"));
            Optional<Checkpoint> latest = checkpoints.latest();
            resumedFrom = latest.map(Checkpoint::name).orElse(null);
            if (latest.isPresent()) {
                for (Path file : files(latest.get().folder())) {
                    Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
                finished.addAll(JSON.readValue(folder.resolve(RESULTS).toFile(), new TypeReference<List<Trial>>() {}));
            } else {
                writeResults();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoint: " + e.getMessage(), e);
        }
    }

    /** Name of the checkpoint that was read, null if there was none. */
    String resumedFrom() {
        return resumedFrom;
    }

    /** All trials that have ended, in their order. */
    List<Trial> finished() {
        return List.copyOf(finished);
    }

    /** The trial of a candidate that has ended, by its name; an older version may have had other candidates. */
    Optional<Trial> finished(String name) {
        return finished.stream()
                .filter(trial -> trial.candidate().name().equals(name))
                .findFirst();
    }

    /** The best trial that can become the model, of equals the first; empty if none has succeeded. */
    Optional<Trial> best() {
        return ranked(finished.stream().filter(trial -> !trial.measureOnly())).stream()
                .findFirst();
    }

    /** Those of some trials that have succeeded, the best first; equals stay in their order. */
    List<Trial> ranked(Stream<Trial> some) {
        return some.filter(Trial::succeeded).sorted(order.reversed()).toList();
    }

    /** The model of {@link #best()}. */
    Path bestModel() {
        return folder.resolve(BEST);
    }

    /**
     * Adds a trial that has ended.
     *
     * @param model its model, null if it has none
     */
    void add(Trial trial, Path model) {
        finished.add(trial);
        try {
            if (model != null && best().filter(trial::equals).isPresent()) {
                Files.copy(model, bestModel(), StandardCopyOption.REPLACE_EXISTING);
            }
            deleteCurrent();
            writeResults();
        } catch (IOException e) {
            throw new UncheckedIOException("can't keep a model: " + e.getMessage(), e);
        }
        if (checkpoints != Checkpoints.NONE) {
            checkpoints.save("after " + trial.candidate().name(), folder);
        }
    }

    private void writeResults() throws IOException {
        JSON.writeValue(folder.resolve(RESULTS).toFile(), finished);
    }

    /** The checkpoints of the trial that comes next. */
    Checkpoints ofNext(String name, Path workFolder) {
        if (checkpoints == Checkpoints.NONE) {
            return checkpoints;
        }
        return new Checkpoints() {
            @Override
            public Optional<Checkpoint> latest() {
                try {
                    List<Path> saved = currentFiles();
                    Path inProgress = folder.resolve(CURRENT_NAME);
                    if (saved.isEmpty()
                            || !Files.exists(inProgress)
                            || !Files.readString(inProgress).equals(name)) {
                        return Optional.empty();
                    }
                    Path copy = Files.createDirectories(workFolder.resolve("resumed"));
                    for (Path file : saved) {
                        String own = file.getFileName().toString().substring(CURRENT.length());
                        Files.copy(file, copy.resolve(own), StandardCopyOption.REPLACE_EXISTING);
                    }
                    return Optional.of(new Checkpoint(resumedFrom, copy));
                } catch (IOException e) {
                    throw new UncheckedIOException("checkpoint: " + e.getMessage(), e);
                }
            }

            @Override
            public void save(String content, Path source) {
                try {
                    deleteCurrent();
                    Files.writeString(folder.resolve(CURRENT_NAME), name);
                    for (Path file : files(source)) {
                        Files.copy(file, folder.resolve(CURRENT + file.getFileName()));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException("checkpoint '" + content + "': " + e.getMessage(), e);
                }
                checkpoints.save(name + ": " + content, folder);
            }

            @Override
            public CheckpointInterval interval() {
                return checkpoints.interval();
            }
        };
    }

    private void deleteCurrent() throws IOException {
        for (Path file : currentFiles()) {
            Files.delete(file);
        }
    }

    private List<Path> currentFiles() throws IOException {
        return files(folder).stream()
                .filter(file -> file.getFileName().toString().startsWith(CURRENT))
                .toList();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
