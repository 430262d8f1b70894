package dev.loupe.training.dataset;

import dev.loupe.events.v1.DatasetVersionReleased;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Deletes dataset versions that no run uses. This service decides, because runs are created here: a lock on the row of
 * the version orders the deletion and a run that is being created (docs/adr/0018-dataset-versions-are-released.md). A
 * model version needs no check of its own: its run exists as long as it does.
 */
@ApplicationScoped
class DatasetVersionDeletion {
    private static final int NAMED_RUNS = 5;

    private final FrozenVersions versions;
    private final Outbox outbox;
    private final Audit audit;
    private final Jdbi jdbi;

    DatasetVersionDeletion(FrozenVersions versions, Outbox outbox, Audit audit, Jdbi jdbi) {
        this.versions = versions;
        this.outbox = outbox;
        this.audit = audit;
        this.jdbi = jdbi;
    }

    /**
     * Deletes a version: no run can use it from now on. dataset-service deletes it when it receives the event.
     *
     * @param project id or name of the project
     * @throws ServiceException {@code DATASET_VERSION_NOT_FOUND}; {@code DATASET_VERSION_IN_USE} if runs use it
     */
    @Transactional
    void delete(String project, int number, String actor) {
        FrozenVersion version = versions.require(project, number);
        jdbi.useHandle(handle -> {
            handle.createQuery("select 1 from dataset_version where id = :id for update")
                    .bind("id", version.id())
                    .mapTo(Integer.class)
                    .findOne();
            requireUnused(handle, version);
            int deleted = handle.createUpdate(
                            "update dataset_version set deleted_at = now() where id = :id and deleted_at is null")
                    .bind("id", version.id())
                    .execute();
            if (deleted == 0) { // a concurrent request has deleted it
                versions.require(project, number);
            }
        });
        audit.record(
                Change.of(version.projectId(), actor, "dataset-version.delete", version.projectName() + "/" + number)
                        .detail(version.id().toString()));
        outbox.add(
                "loupe.training",
                version.projectId().toString(),
                "dev.loupe.dataset-version-released.v1",
                DatasetVersionReleased.newBuilder()
                        .setProjectId(version.projectId().toString())
                        .setProjectName(version.projectName())
                        .setDatasetVersionId(version.id().toString())
                        .setNumber(number)
                        .setActor(actor)
                        .build()
                        .toByteArray());
    }

    private static void requireUnused(Handle handle, FrozenVersion version) {
        List<UUID> runs = handle.createQuery("""
                        select id from run where dataset_version_id = :id
                        union select run_id from extension where images_version_id = :id order by id desc""")
                .bind("id", version.id())
                .mapTo(UUID.class)
                .list();
        if (runs.isEmpty()) {
            return;
        }
        String named = runs.stream().limit(NAMED_RUNS).map(UUID::toString).collect(Collectors.joining(", "));
        throw new ServiceException(
                ErrorCode.DATASET_VERSION_IN_USE,
                "project '%s': dataset version %d is used by %d runs (%s%s); delete them first"
                        .formatted(
                                version.projectName(),
                                version.number(),
                                runs.size(),
                                named,
                                runs.size() > NAMED_RUNS ? ", …" : ""));
    }
}
