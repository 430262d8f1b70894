package dev.loupe.training.dataset;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The manifests of frozen dataset versions, as dataset-service wrote them. */
@ApplicationScoped
public class DatasetManifests {
    private final ObjectStore store;
    private final ObjectMapper json;

    DatasetManifests(ObjectStore store, ObjectMapper json) {
        this.store = store;
        this.json = json;
    }

    /**
     * Reads the manifest of a version, and verifies its digest.
     *
     * @throws StorageException.NotFound if the version was deleted
     */
    public DatasetManifest read(FrozenVersion version) {
        ObjectLocation location = new ObjectLocation(
                version.manifest().bucket(), version.manifest().key());
        try {
            return json.readValue(store.read(location, version.manifest().sha256()), DatasetManifest.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the manifest of a version, empty if the version was deleted. */
    public Optional<DatasetManifest> find(FrozenVersion version) {
        try {
            return Optional.of(read(version));
        } catch (StorageException.NotFound _) {
            return Optional.empty();
        }
    }
}
