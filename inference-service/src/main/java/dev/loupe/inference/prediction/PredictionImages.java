package dev.loupe.inference.prediction;

import dev.loupe.service.storage.ObjectBody;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.List;
import java.util.UUID;

/** The images of logged predictions in object storage: one object for each prediction. */
@ApplicationScoped
class PredictionImages {
    private final ObjectStore store;
    private final String bucket;

    PredictionImages(ObjectStore store, StorageConfig config) {
        this.store = store;
        this.bucket = config.bucket();
    }

    void put(UUID projectId, UUID prediction, byte[] image, String mediaType) {
        store.put(location(projectId, prediction), image, mediaType);
    }

    StreamingOutput read(UUID projectId, UUID prediction, String sha256) {
        return ObjectBody.verified(store, location(projectId, prediction), sha256);
    }

    void delete(UUID projectId, UUID prediction) {
        store.delete(location(projectId, prediction));
    }

    /** The predictions whose ids begin so and that have an image. */
    List<UUID> list(UUID projectId, String begin) {
        String folder = "predictions/" + projectId + "/";
        return store.list(bucket, folder + begin).stream()
                .map(object -> UUID.fromString(object.location().key().substring(folder.length())))
                .toList();
    }

    private ObjectLocation location(UUID projectId, UUID prediction) {
        return new ObjectLocation(bucket, "predictions/" + projectId + "/" + prediction);
    }
}
