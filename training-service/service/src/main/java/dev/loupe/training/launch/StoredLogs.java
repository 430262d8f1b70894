package dev.loupe.training.launch;

import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StoredObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;

/**
 * Logs of trainers whose pods are gone, in object storage: one for each pod, under {@code attempts/N/logs/} of the run.
 * A trainer stores its own log when it exits; the service replaces it with the pod's log if that is still available.
 */
@ApplicationScoped
class StoredLogs {
    private final ObjectStore store;
    private final StorageConfig storage;

    StoredLogs(ObjectStore store, StorageConfig storage) {
        this.store = store;
        this.storage = storage;
    }

    void put(JobName job, String pod, byte[] log) {
        store.put(new ObjectLocation(storage.bucket(), prefix(job) + pod + ".log"), log, "text/plain");
    }

    /** Names of the pods with a stored log, oldest first. */
    List<String> pods(JobName job) {
        return store.list(storage.bucket(), prefix(job)).stream()
                .sorted(Comparator.comparing(StoredObject::modifiedAt))
                .map(object -> object.location().key())
                .map(key -> key.substring(prefix(job).length(), key.length() - ".log".length()))
                .toList();
    }

    byte[] get(JobName job, String pod) {
        return store.read(new ObjectLocation(storage.bucket(), prefix(job) + pod + ".log"));
    }

    private static String prefix(JobName job) {
        return "runs/" + job.run() + "/attempts/" + job.attempt() + "/logs/";
    }
}
