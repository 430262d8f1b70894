package dev.loupe.inference.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.inference.registry.RegistrySnapshot;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The last snapshot of the registry, stored beside the cached packages: a replica can start without the database. */
@ApplicationScoped
class SnapshotFile {
    private static final Logger LOG = Logger.getLogger(SnapshotFile.class);

    private final ObjectMapper json;
    private final Path file;
    private RegistrySnapshot written;

    SnapshotFile(ObjectMapper json, CacheConfig config) {
        this.json = json;
        this.file = config.directory().resolve("registry.json");
    }

    /** Reads the last snapshot; empty if there is none or it cannot be read. */
    Optional<RegistrySnapshot> read() {
        try {
            return Files.exists(file)
                    ? Optional.of(json.readValue(file.toFile(), RegistrySnapshot.class))
                    : Optional.empty();
        } catch (IOException e) {
            LOG.warnf("could not read %s: %s", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** Writes the snapshot unless it is unchanged. A failure, such as a full disk, is only logged. */
    synchronized void write(RegistrySnapshot snapshot) {
        if (snapshot.equals(written)) {
            return;
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path part = file.resolveSibling("registry.json.part");
            json.writeValue(part.toFile(), snapshot);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written = snapshot;
        } catch (IOException e) {
            LOG.warnf("could not write %s: %s", file, e.getMessage());
        }
    }
}
