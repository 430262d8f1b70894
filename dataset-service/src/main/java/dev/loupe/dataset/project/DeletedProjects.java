package dev.loupe.dataset.project;

import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StoredObject;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/**
 * Deletes the manifests of deleted projects from object storage. A project stays on the list until all of its objects
 * are deleted, so a restart or an outage of object storage only delays the deletion. Images are content-addressed and
 * shared between projects: {@code StoredObjects} deletes the unreferenced ones.
 */
@ApplicationScoped
class DeletedProjects {
    private final Jdbi jdbi;
    private final ObjectStore store;
    private final String bucket;

    DeletedProjects(Jdbi jdbi, ObjectStore store, StorageConfig storage) {
        this.jdbi = jdbi;
        this.store = store;
        this.bucket = storage.bucket();
    }

    @Scheduled(
            every = "${loupe.projects.sweep-interval:1m}",
            delayed = "${loupe.projects.sweep-interval:1m}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void sweep() {
        List<UUID> deleted = jdbi.withHandle(handle -> handle.createQuery("select id from deleted_project limit 100")
                .mapTo(UUID.class)
                .list());
        for (UUID id : deleted) {
            for (StoredObject object : store.list(bucket, "projects/" + id + "/")) {
                store.delete(object.location());
            }
            jdbi.useHandle(handle -> handle.createUpdate("delete from deleted_project where id = :id")
                    .bind("id", id)
                    .execute());
        }
    }
}
