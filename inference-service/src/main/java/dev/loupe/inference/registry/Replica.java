package dev.loupe.inference.registry;

import dev.loupe.model.Precision;
import java.util.List;
import java.util.UUID;

/** What the registry needs from the replica that it runs in. */
public interface Replica {

    /** State of a version in this replica. */
    enum State {
        LOADING,
        READY,
        UNAVAILABLE,
        UNLOADED
    }

    /**
     * Status of a version in this replica.
     *
     * @param state state of the version
     * @param reason why it is {@code UNAVAILABLE}; of a {@code READY} one, that it must stay in memory beyond the budget;
     *     else null
     * @param labels labels of its outputs, empty if this replica has not read its manifest
     * @param threshold threshold that it decides with; null for a classifier, or if the manifest is not read
     * @param precision what it computes with, null if it is not READY
     * @param memoryBytes memory that it takes, null if it is not READY
     */
    record Status(
            State state,
            String reason,
            List<String> labels,
            CurrentThreshold threshold,
            Precision precision,
            Long memoryBytes) {
        public Status {
            labels = List.copyOf(labels);
        }
    }

    /** Returns the status of a version. */
    Status status(UUID projectId, int version);

    /**
     * Loads the version if it is not loaded, and waits until it is ready.
     *
     * @throws dev.loupe.service.error.ServiceException {@code MODEL_NOT_READY} with the reason
     */
    void requireReady(UUID projectId, int version);

    /** Reads the database and applies changes now. */
    void refresh();
}
