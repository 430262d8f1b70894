package dev.loupe.vision.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Keeps the latest checkpoint in a local folder. For one training at a time; not thread-safe. */
public final class FolderCheckpoints implements Checkpoints {
    private static final String LATEST = "latest";
    private static final String NAME = "name";
    private static final String DATA = "data";

    private final Path folder;

    /**
     * @param folder folder for the checkpoints; created when the first one is saved
     */
    public FolderCheckpoints(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<Checkpoint> latest() {
        try {
            if (!Files.exists(folder.resolve(LATEST))) {
                return Optional.empty();
            }
            Path saved = folder.resolve(Files.readString(folder.resolve(LATEST)));
            return Optional.of(new Checkpoint(Files.readString(saved.resolve(NAME)), saved.resolve(DATA)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void save(String name, Path source) {
        try {
            Files.createDirectories(folder);
            Path saved = Files.createTempDirectory(folder, "checkpoint-");
            Path data = Files.createDirectory(saved.resolve(DATA));
            for (Path file : list(source)) {
                Files.copy(file, data.resolve(file.getFileName().toString()));
            }
            Files.writeString(saved.resolve(NAME), name);
            // Until this move, the previous checkpoint remains the latest.
            Path pointer = Files.writeString(
                    folder.resolve(LATEST + ".new"), saved.getFileName().toString());
            Files.move(pointer, folder.resolve(LATEST), StandardCopyOption.ATOMIC_MOVE);
            deleteOthers(saved);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void deleteOthers(Path kept) throws IOException {
        for (Path child : list(folder)) {
            if (Files.isDirectory(child) && !child.equals(kept)) {
                try (Stream<Path> tree = Files.walk(child)) {
                    for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.toList();
        }
    }
}
