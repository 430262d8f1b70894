package dev.loupe.training.backbone;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The folder for imports in progress. Each process of the service has one folder in it, named by its pid, with one
 * folder for each import. Folders that a killed service has left are removed by the next service.
 */
@ApplicationScoped
class ImportFolder {
    private static final Logger LOG = Logger.getLogger(ImportFolder.class);
    /** Age after which a folder is abandoned: longer than any import can take. */
    private static final Duration ABANDONED = Duration.ofHours(24);

    private final Path root;
    private final Path own;

    ImportFolder(BackboneConfig config) {
        root = config.directory()
                .orElse(Path.of(System.getProperty("java.io.tmpdir"), "loupe-backbones"))
                .toAbsolutePath();
        own = root.resolve(Long.toString(ProcessHandle.current().pid()));
    }

    /** Files under our own pid were left by another process, from an earlier start of this container. */
    void sweepAtStart(@Observes StartupEvent start) {
        delete(own);
        sweep();
    }

    @Scheduled(every = "10m", delayed = "10m")
    void sweep() {
        Instant old = Instant.now().minus(ABANDONED);
        for (Path process : list(root)) {
            if (!isAlive(process)) {
                delete(process);
            } else {
                list(process).stream()
                        .filter(folder -> modifiedAt(folder).isBefore(old))
                        .forEach(ImportFolder::delete);
            }
        }
    }

    /** Creates a folder for one import. */
    Path create() throws IOException {
        return Files.createTempDirectory(Files.createDirectories(own), "import");
    }

    /** Deletes a folder with all its content. Files that cannot be deleted are left to the sweep. */
    static void delete(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException _) {
            // already deleted
        } catch (IOException | UncheckedIOException e) {
            LOG.warnf("temporary files are left behind: %s", e);
        }
    }

    private static boolean isAlive(Path process) {
        try {
            return ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                    .isPresent();
        } catch (NumberFormatException _) {
            return false;
        }
    }

    private static Instant modifiedAt(Path folder) {
        try {
            return Files.getLastModifiedTime(folder).toInstant();
        } catch (IOException _) {
            return Instant.now();
        }
    }

    private static List<Path> list(Path folder) {
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
            List<Path> list = new ArrayList<>();
            paths.forEach(list::add);
            return list;
        } catch (NoSuchFileException _) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
