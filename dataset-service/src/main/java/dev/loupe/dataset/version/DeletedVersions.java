package dev.loupe.dataset.version;

import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.events.v1.DatasetVersionReleased;
import dev.loupe.storage.ObjectStore;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * Deletes dataset versions that training-service has released: no run uses them, and none will
 * (docs/adr/0018-dataset-versions-are-released.md). The rows are deleted with the event, the manifest later. {@link
 * StoredObjects} deletes the images that nothing else needs.
 */
@ApplicationScoped
public class DeletedVersions {
    private static final Logger LOG = Logger.getLogger(DeletedVersions.class);
    /** Statements in the order that the foreign keys require. */
    private static final List<String> DELETE = List.of(
            """
            insert into deleted_version (project_id, number)
            select project_id, number from dataset_version where id = :id on conflict do nothing""", "delete from version_object where version_id = :id", "delete from dataset_version where id = :id");

    private final Freezer freezer;
    private final ObjectStore store;
    private final Jdbi jdbi;

    /** A deleted version. Public, because Jdbi constructs only public records. */
    public record Deleted(UUID projectId, int number) {}

    DeletedVersions(Freezer freezer, ObjectStore store, Jdbi jdbi) {
        this.freezer = freezer;
        this.store = store;
        this.jdbi = jdbi;
    }

    /** Deletes the rows of the version. Must be called within the transaction of the event. */
    @Transactional(TxType.MANDATORY)
    public void delete(DatasetVersionReleased version) {
        UUID id = UUID.fromString(version.getDatasetVersionId());
        jdbi.useHandle(handle -> DELETE.forEach(
                statement -> handle.createUpdate(statement).bind("id", id).execute()));
        LOG.infof("dataset version %d of '%s' deleted", version.getNumber(), version.getProjectName());
    }

    @Scheduled(
            every = "${loupe.projects.sweep-interval:1m}",
            delayed = "${loupe.projects.sweep-interval:1m}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void sweep() {
        List<Deleted> deleted =
                jdbi.withHandle(handle -> handle.createQuery("select project_id, number from deleted_version limit 100")
                        .mapTo(Deleted.class)
                        .list());
        for (Deleted version : deleted) {
            store.delete(freezer.location(version.projectId(), version.number()));
            jdbi.useHandle(handle -> handle.createUpdate(
                            "delete from deleted_version where project_id = :projectId and number = :number")
                    .bindMethods(version)
                    .execute());
        }
    }
}
