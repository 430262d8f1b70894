package dev.loupe.dataset.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.dataset.image.ImageHistory.Change;
import dev.loupe.dataset.limit.StorageLimits;
import dev.loupe.dataset.project.Project;
import dev.loupe.service.database.Ids;
import dev.loupe.service.database.Retention;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * Deleted images. A deletion moves the rows of its images to a table of their own, and can be undone until the rows are
 * removed for good. Then {@link StoredObjects} deletes the objects that no other image and no dataset version needs.
 */
@ApplicationScoped
class DeletedImages {
    private static final Logger LOG = Logger.getLogger(DeletedImages.class);
    private static final String COLUMNS =
            "project_id, sha256, name, size, format, width, height, label, defect, split, mask_sha256, created_at, product";

    private final Jdbi jdbi;
    private final StorageLimits limits;
    private final Duration retention;

    /**
     * A deletion that can be undone.
     *
     * @param id id of the deletion
     * @param actor who deleted the images
     * @param deletedAt when they were deleted
     * @param restorableUntil when they are removed for good
     * @param deleted number of images that can be restored
     */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "ImageDeletion")
    public record Deletion(UUID id, String actor, Instant deletedAt, Instant restorableUntil, int deleted) {}

    /**
     * Result of undoing a deletion.
     *
     * @param restored number of images that are back
     * @param skipped number of images that were uploaded again since; they stay as they are
     */
    @Schema(name = "RestoredImages")
    public record Restored(int restored, int skipped) {}

    DeletedImages(Jdbi jdbi, ImageConfig config, StorageLimits limits) {
        this.limits = limits;
        this.jdbi = jdbi;
        this.retention = config.deletionRetention();
    }

    /** Deletes images that the caller has locked. Frozen versions that contain them keep them. */
    @Transactional(TxType.MANDATORY)
    Deletion delete(Project project, Collection<String> digests, String actor) {
        UUID id = Ids.next();
        jdbi.useHandle(handle -> {
            handle.createUpdate("insert into image_deletion (id, project_id, actor) values (:id, :project, :actor)")
                    .bind("id", id)
                    .bind("project", project.id())
                    .bind("actor", actor)
                    .execute();
            handle.createUpdate("""
                            with gone as (
                                delete from image where project_id = :project and sha256 = any(:digests) returning *),
                            history as (%1$s)
                            insert into deleted_image (deletion_id, %2$s, conflicts)
                            select :id, %2$s, coalesce((
                                select jsonb_agg(jsonb_build_object('name', c.name, 'label', c.label, 'split', c.split))
                                from label_conflict c
                                where c.project_id = gone.project_id and c.sha256 = gone.sha256), '[]')
                            from gone""".formatted(ImageHistory.record(Change.DELETED, "gone"), COLUMNS))
                    .bind("id", id)
                    .bind("project", project.id())
                    .bind("actor", actor)
                    .bindArray("digests", String.class, digests)
                    .execute();
        });
        return require(project, id.toString());
    }

    /** Returns the deletion; throws {@code DELETION_NOT_FOUND} if it cannot be undone, or no longer. */
    Deletion require(Project project, String id) {
        return query(project, "d.id::text = :id", id, 1).stream()
                .findFirst()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.DELETION_NOT_FOUND,
                        "project '" + project.name() + "' has no deletion " + QuotedInput.of(id)
                                + " that can be undone"));
    }

    /** Lists the deletions that can be undone, the newest first. */
    List<Deletion> list(Project project, PageRequest page) {
        return query(project, "(:id = '' or d.id::text < :id)", page.after(), page.limit() + 1);
    }

    private List<Deletion> query(Project project, String condition, String id, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select d.*, d.deleted_at + make_interval(secs => :retention) as restorable_until,
                               (select count(*) from deleted_image i where i.deletion_id = d.id) as deleted
                        from image_deletion d where project_id = :project and %s
                        order by d.id desc limit :limit""".formatted(condition))
                .bind("project", project.id())
                .bind("id", id)
                .bind("limit", limit)
                .bind("retention", retention.toMillis() / 1000.0)
                .mapTo(Deletion.class)
                .list());
    }

    /** Undoes a deletion. Images that were uploaded again since stay as they are. */
    @Transactional(TxType.MANDATORY)
    Restored restore(Project project, Deletion deletion, String actor) {
        int restored =
                restore(project, "d.deletion_id = :key::uuid", deletion.id().toString(), actor);
        jdbi.useHandle(handle -> handle.createUpdate("delete from image_deletion where id = :id")
                .bind("id", deletion.id())
                .execute());
        return new Restored(restored, deletion.deleted() - restored);
    }

    /**
     * Restores one image from its newest deletion.
     *
     * @throws ServiceException {@code IMAGE_NOT_FOUND} if it is not among the deleted images
     */
    @Transactional(TxType.MANDATORY)
    void restore(Project project, String sha256, String actor) {
        int restored = restore(project, """
                d.sha256 = :key and d.deletion_id = (
                    select n.deletion_id from deleted_image n where n.project_id = :project and n.sha256 = :key
                    order by n.deletion_id desc limit 1)""", sha256, actor);
        if (restored == 0) {
            throw Images.notFound(project, sha256);
        }
        jdbi.useHandle(
                handle -> handle.createUpdate("""
                        delete from image_deletion d where project_id = :project
                          and not exists (select from deleted_image i where i.deletion_id = d.id)""").bind("project", project.id()).execute());
    }

    /** Restores the deleted images that match a condition on {@code d} with the parameter {@code :key}. */
    private int restore(Project project, String condition, String key, String actor) {
        limits.beforeAdding(project);
        return jdbi.withHandle(handle -> {
            List<String> restored = handle.createQuery(
                            """
                            with back as (
                                insert into image (%1$s)
                                select %1$s from deleted_image d where project_id = :project and %2$s order by sha256
                                on conflict do nothing returning *),
                            history as (%3$s)
                            select sha256 from back""".formatted(COLUMNS, condition, ImageHistory.record(Change.RESTORED, "back")))
                    .bind("project", project.id())
                    .bind("key", key)
                    .bind("actor", actor)
                    .mapTo(String.class)
                    .list();
            if (!restored.isEmpty()) {
                limits.requireWithin(project);
            }
            handle.createUpdate("""
                            insert into label_conflict (project_id, sha256, name, label, split)
                            select d.project_id, d.sha256, c.name, c.label, c.split
                            from unnest(:restored) as back(image) join deleted_image d on d.sha256 = back.image,
                                 jsonb_to_recordset(d.conflicts) as c(name text, label text, split text)
                            where d.project_id = :project and %s""".formatted(condition))
                    .bind("project", project.id())
                    .bind("key", key)
                    .bindArray("restored", String.class, restored)
                    .execute();
            handle.createUpdate("delete from deleted_image d where project_id = :project and " + condition)
                    .bind("project", project.id())
                    .bind("key", key)
                    .execute();
            return restored.size();
        });
    }

    @Scheduled(
            every = "${loupe.images.sweep-interval:10m}",
            delayed = "${loupe.images.sweep-delay:1m}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void removeExpiredOnTime() {
        int removed = removeExpired(retention);
        if (removed > 0) {
            LOG.infof("removed the images of %d deletions for good", removed);
        }
    }

    /** Removes the images of deletions of this age for good; returns the number of deletions. */
    int removeExpired(Duration age) {
        return Retention.prune(jdbi, "image_deletion", "deleted_at", age);
    }
}
