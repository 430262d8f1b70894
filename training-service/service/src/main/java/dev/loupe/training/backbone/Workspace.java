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
 * The folder of the imports that go on: one folder for each process of the service, named by its pid, and in it one for
 * each import. What a service that was killed has left is removed by the next one.
 */
@ApplicationScoped
class Workspace {
    private static final Logger LOG = Logger.getLogger(Workspace.class);
    /** Older than any import can be. */
    private static final Duration ABANDONED = Duration.ofHours(24);

    private final Path root;
    private final Path own;

    Workspace(BackboneConfig config) {
        root = config.directory()
                .orElse(Path.of(System.getProperty("java.io.tmpdir"), "loupe-backbones"))
                .toAbsolutePath();
        own = root.resolve(Long.toString(ProcessHandle.current().pid()));
    }

    /** What lies under our own pid is of another process, of an earlier start of this container. */
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
                        .forEach(Workspace::delete);
            }
        }
    }

    /** A new folder for one import. */
    Path create() throws IOException {
        return Files.createTempDirectory(Files.createDirectories(own), "import");
    }

    /** Removes a folder with all that is in it. What can't be removed is left to the sweep. */
    static void delete(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException _) {
            // it is gone
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
