package dev.loupe.inference.registry;

import java.util.List;
import java.util.UUID;

/** What the registry asks of the replica that it runs in. */
public interface Replica {

    /** How a version is doing in this replica. */
    enum State {
        LOADING,
        READY,
        UNAVAILABLE,
        UNLOADED
    }

    /**
     * A version as this replica sees it.
     *
     * @param state of it
     * @param reason why it is {@code UNAVAILABLE}, else null
     * @param labels of its outputs, empty if this replica has not read its manifest
     * @param threshold from which an image is anomalous; null for a classifier, or if the manifest is not read
     */
    record Status(State state, String reason, List<String> labels, Double threshold) {
        public Status {
            labels = List.copyOf(labels);
        }
    }

    /** How a version is doing. */
    Status status(UUID projectId, int version);

    /**
     * Loads the version if it is not, and waits for it.
     *
     * @throws dev.loupe.service.error.ServiceException {@code MODEL_NOT_READY} with the reason
     */
    void requireReady(UUID projectId, int version);

    /** Takes in what the database says now. */
    void refresh();
}
