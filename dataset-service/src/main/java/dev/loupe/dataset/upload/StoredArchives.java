package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.service.database.Retention;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.storage.StoredObject;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * The archives of unfinished imports in object storage. An archive is written before its import is in the database, and
 * deleted after the import has ended; a sweep deletes those that were left behind, and imports that ended long ago.
 */
@ApplicationScoped
class StoredArchives {
    private static final Logger LOG = Logger.getLogger(StoredArchives.class);
    private static final String PREFIX = "imports/";
    /** Longest time between the write of an archive and the commit of its import. */
    private static final Duration COMMIT_TIME = Duration.ofHours(1);

    private final ObjectStore store;
    private final RequestBodyStore bodies;
    private final Jdbi jdbi;
    private final UploadConfig config;
    private final String bucket;

    StoredArchives(ObjectStore store, RequestBodyStore bodies, Jdbi jdbi, UploadConfig config, StoredObjects objects) {
        this.store = store;
        this.bodies = bodies;
        this.jdbi = jdbi;
        this.config = config;
        this.bucket = objects.bucket();
    }

    private ObjectLocation location(UUID id) {
        return new ObjectLocation(bucket, PREFIX + id);
    }

    /** Receives an archive; throws as {@link RequestBodyStore#receive}. */
    BufferedBody receive(HttpServerRequest request, InputStream body) {
        return bodies.receive(request, body, config.maxArchiveSize().asLongValue(), ErrorCode.ARCHIVE_TOO_LARGE);
    }

    void store(UUID id, BufferedBody archive) {
        store.put(location(id), archive.file(), "application/zip");
    }

    /**
     * Copies the archive of an import to a file.
     *
     * @throws ServiceException {@code INTERNAL} if it is missing or damaged; otherwise as
     *     {@link RequestBodyStore#fetch}
     */
    BufferedBody fetch(UUID id, long size, String sha256) {
        try {
            return bodies.fetch(store, location(id), size, sha256);
        } catch (StorageException.NotFound | StorageException.Corrupt e) {
            throw new ServiceException(
                    ErrorCode.INTERNAL, "the stored archive is missing or damaged; upload it again", e);
        }
    }

    /** Deletes the archive of an import that has ended; the sweep deletes it if that fails. */
    void delete(UUID id) {
        try {
            store.delete(location(id));
        } catch (StorageException e) {
            LOG.warnf("archive of import %s is not deleted yet: %s", id, e.getMessage());
        }
    }

    @Scheduled(
            every = "${loupe.upload.sweep-interval:10m}",
            delayed = "${loupe.upload.sweep-delay:2m}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void sweepOnTime() {
        sweep(COMMIT_TIME);
        Retention.prune(jdbi, "image_import", "finished_at", config.importRetention());
    }

    /** Deletes archives without an unfinished import that were written before this time; returns their number. */
    int sweep(Duration age) {
        Instant limit = Instant.now().minus(age);
        int deleted = 0;
        var archives = store.list(bucket, PREFIX);
        Set<String> unfinished = new HashSet<>(jdbi.withHandle(
                handle -> handle.createQuery("select id::text from image_import where state in ('QUEUED', 'RUNNING')")
                        .mapTo(String.class)
                        .list()));
        for (StoredObject archive : archives) {
            String id = archive.location().key().substring(PREFIX.length());
            if (!unfinished.contains(id) && archive.modifiedAt().isBefore(limit)) {
                store.delete(archive.location());
                deleted++;
            }
        }
        return deleted;
    }
}
