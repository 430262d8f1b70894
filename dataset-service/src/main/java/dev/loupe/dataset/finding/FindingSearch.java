package dev.loupe.dataset.finding;

import dev.loupe.dataset.image.MeasuredImage;
import dev.loupe.dataset.image.MeasuredImages;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.quality.FindingKind;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.generic.GenericType;
import org.jdbi.v3.core.qualifier.QualifiedType;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.json.Json;

/**
 * Searches for findings when they are asked for, if images were changed or measured since the last search. A search
 * reads all images of the project; a replica runs one at a time. A finding that is found again keeps its decision.
 */
@ApplicationScoped
class FindingSearch {
    static final QualifiedType<Map<String, Double>> FIGURES =
            QualifiedType.of(new GenericType<Map<String, Double>>() {}).with(Json.class);

    private static final int TIMEOUT_SECONDS = 300;
    private static final int PATIENCE_SECONDS = 60;

    private final Jdbi jdbi;
    private final MeasuredImages measuredImages;
    private final int maxHashDistance;
    private final Semaphore slot = new Semaphore(1, true);

    /** The state of a project that was searched last. */
    public record Searched(long changes, String rules, boolean stale) {}

    FindingSearch(Jdbi jdbi, MeasuredImages measuredImages, FindingConfig config) {
        this.jdbi = jdbi;
        this.measuredImages = measuredImages;
        this.maxHashDistance = config.maxHashDistance();
        if (maxHashDistance < 0 || maxHashDistance > HashIndex.MAX_DISTANCE) {
            throw new IllegalArgumentException("loupe.findings.max-hash-distance: expected 0 to "
                    + HashIndex.MAX_DISTANCE + ", got " + maxHashDistance);
        }
    }

    /**
     * Searches the project unless its findings are up to date. Must not be called within a transaction.
     *
     * @throws ServiceException {@code OVERLOADED} if other projects are being searched
     */
    void search(Project project) {
        Rules rules = new Rules(project.task(), maxHashDistance);
        if (jdbi.withHandle(handle -> isUpToDate(handle, project, rules))) {
            return;
        }
        try {
            if (!slot.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new ServiceException(
                        ErrorCode.OVERLOADED, "other projects are being searched for findings; retry later");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceException(ErrorCode.OVERLOADED, "the service is stopping; retry later", e);
        }
        try {
            QuarkusTransaction.requiringNew()
                    .timeout(TIMEOUT_SECONDS)
                    .run(() -> jdbi.useHandle(handle -> search(handle, project, rules)));
        } finally {
            slot.release();
        }
    }

    private static boolean isUpToDate(Handle handle, Project project, Rules rules) {
        return handle.createQuery("select * from finding_search where project_id = :project")
                .bind("project", project.id())
                .mapTo(Searched.class)
                .findOne()
                .filter(last -> !last.stale()
                        && last.rules().equals(rules.identity())
                        && last.changes() == changes(handle, project))
                .isPresent();
    }

    /** Not the greatest number: of concurrent transactions, one with a smaller number may end later. */
    private static long changes(Handle handle, Project project) {
        return handle.createQuery("select count(*) from image_history where project_id = :project")
                .bind("project", project.id())
                .mapTo(Long.class)
                .one();
    }

    private void search(Handle handle, Project project, Rules rules) {
        lock(handle, project.id());
        if (isUpToDate(handle, project, rules)) {
            return; // another replica searched while this one waited
        }
        // Before the images are read: a later change leads to another search.
        long changes = changes(handle, project);
        List<MeasuredImage> images = measuredImages.list(project);
        long unmeasured =
                images.stream().filter(image -> image.properties() == null).count();
        store(handle, project.id(), rules.search(images));
        handle.createUpdate("""
                        update finding_search set changes = :changes, rules = :rules, stale = false,
                            unmeasured = :unmeasured, searched_at = now()
                        where project_id = :project""")
                .bind("project", project.id())
                .bind("changes", changes)
                .bind("rules", rules.identity())
                .bind("unmeasured", unmeasured)
                .execute();
    }

    /**
     * Excludes other searches of the project, measurements of its images, and findings of runs, until the transaction
     * ends.
     */
    static void lock(Handle handle, UUID project) {
        handle.createUpdate("""
                        insert into finding_search (project_id, changes, rules, stale, unmeasured, searched_at)
                        select id, 0, '', true, 0, now() from project where id = :project on conflict do nothing""").bind("project", project).execute();
        handle.createQuery("select 1 from finding_search where project_id = :project for update")
                .bind("project", project)
                .mapTo(Integer.class)
                .list();
    }

    private static void store(Handle handle, UUID project, List<Observation> found) {
        List<String> kinds = Rules.KINDS.stream().map(FindingKind::name).toList();
        handle.createUpdate("""
                        update finding f set present = false where project_id = :project and present
                          and kind = any(:kinds) and not exists (select from unnest(:ids) as found(id) where found.id = f.id)""")
                .bind("project", project)
                .bindArray("kinds", String.class, kinds)
                .bindArray(
                        "ids", String.class, found.stream().map(Observation::id).toList())
                .execute();
        if (!found.isEmpty()) {
            upsert(handle, project, found);
        }
        keepDismissed(handle, project);
        handle.createUpdate("""
                        delete from finding where project_id = :project and not present and state = 'OPEN'
                          and kind = any(:kinds)""")
                .bind("project", project)
                .bindArray("kinds", String.class, kinds)
                .execute();
        WrongLabelFindings.follow(handle, project);
    }

    private static void upsert(Handle handle, UUID project, List<Observation> found) {
        PreparedBatch batch = handle.prepareBatch("""
                insert into finding (project_id, id, kind, severity, position, message, label, split, images, figures)
                values (:project, :id, :kind, :severity, :position, :message, :label, :split, :images, :figures)
                on conflict (project_id, id) do update
                set present = true, severity = excluded.severity, position = excluded.position,
                    message = excluded.message, figures = excluded.figures""");
        for (Observation one : found) {
            batch.bind("project", project)
                    .bind("id", one.id())
                    .bind("kind", one.kind().name())
                    .bind("severity", one.severity().name())
                    .bind("position", one.position())
                    .bind("message", one.message())
                    .bind("label", one.label())
                    .bind("split", one.split())
                    .bindArray("images", String.class, one.images())
                    .bindByType("figures", one.figures(), FIGURES)
                    .add();
        }
        batch.execute();
    }

    /** What is left of a group that was dismissed, after one of its images was deleted, is dismissed too. */
    private static void keepDismissed(Handle handle, UUID project) {
        handle.createUpdate("""
                        update finding f set state = d.state, decided_at = d.decided_at, decided_by = d.decided_by,
                                             reason = d.reason
                        from finding d
                        where f.project_id = :project and d.project_id = :project and d.kind = f.kind
                          and f.kind = 'NEAR_DUPLICATES' and f.state = 'OPEN' and f.present and f.found_at = now()
                          and d.state = 'DISMISSED' and not d.present and f.images <@ d.images""").bind("project", project).execute();
    }
}
