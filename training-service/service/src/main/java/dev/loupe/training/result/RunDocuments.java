package dev.loupe.training.result;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StoredObject;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunState;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Documents that the trainer of a run stored with its objects. They never change. */
@ApplicationScoped
class RunDocuments {
    private final ObjectStore store;
    private final StorageConfig storage;
    private final ObjectMapper json;

    /**
     * A kind of document.
     *
     * @param type of the document
     * @param maxBytes largest size
     * @param name for people, such as {@code results}
     * @param absent code of the error if a run has none
     * @param reasons why a run that SUCCEEDED has none, for people
     */
    record Kind<T>(Class<T> type, long maxBytes, String name, ErrorCode absent, String reasons) {}

    RunDocuments(ObjectStore store, StorageConfig storage, ObjectMapper json) {
        this.store = store;
        this.storage = storage;
        this.json = json;
    }

    /** Refuses a run that cannot have the document because it has not SUCCEEDED. */
    static void requireSucceeded(Run run, Kind<?> kind) {
        if (run.status().state() != RunState.SUCCEEDED) {
            throw new ServiceException(
                    kind.absent(),
                    "run " + run.id() + " has no " + kind.name() + ": it is "
                            + run.status().state() + ", not SUCCEEDED");
        }
    }

    /**
     * Reads a document of a run.
     *
     * @param key below the prefix of the run
     * @throws ServiceException the code of the kind if the run has none
     */
    <T> T read(Run run, String key, Kind<T> kind) {
        return find(run, key, kind)
                .orElseThrow(() -> new ServiceException(
                        kind.absent(), "run " + run.id() + " has no " + kind.name() + ": " + kind.reasons()));
    }

    /** As {@link #read}; empty if the run has none. */
    <T> Optional<T> find(Run run, String key, Kind<T> kind) {
        ObjectLocation document = at(run, key);
        return store.find(document).map(stored -> parse(run, document, stored, kind));
    }

    private <T> T parse(Run run, ObjectLocation document, StoredObject stored, Kind<T> kind) {
        if (stored.size() > kind.maxBytes()) {
            throw new IllegalStateException(kind.name() + " of run " + run.id() + ": expected at most "
                    + kind.maxBytes() + " bytes, got " + stored.size());
        }
        try {
            return json.readValue(store.read(document), kind.type());
        } catch (JacksonException e) {
            throw new IllegalStateException(kind.name() + " of run " + run.id() + " cannot be read", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where an object of a run is. */
    ObjectLocation at(Run run, String key) {
        return new ObjectLocation(storage.bucket(), Run.prefix(run.id()) + key);
    }
}
