package dev.loupe.inference.registry;

import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/** Descriptions, owners and tags of versions, in the database. */
@ApplicationScoped
class VersionNotes {
    private final Jdbi jdbi;
    private final ModelRepository models;
    private final Audit audit;

    VersionNotes(Jdbi jdbi, ModelRepository models, Audit audit) {
        this.jdbi = jdbi;
        this.models = models;
        this.audit = audit;
    }

    VersionNote get(UUID projectId, int number) {
        return byNumber(projectId, List.of(number)).getOrDefault(number, VersionNote.none(number));
    }

    /** Returns the notes of versions by their numbers; none for versions without. */
    Map<Integer, VersionNote> byNumber(UUID projectId, List<Integer> numbers) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select number, revision, description, owner, tags from version_note
                        where project_id = :project and number = any(:numbers)""")
                .bind("project", projectId)
                .bindArray("numbers", Integer.class, numbers)
                .mapTo(VersionNote.class)
                .collect(Collectors.toMap(VersionNote::number, note -> note)));
    }

    /**
     * Changes the note of a version.
     *
     * @param expectedRevision revision that it must be at, 0 if there was no change, null for any
     * @throws ServiceException {@code MODEL_VERSION_NOT_FOUND}, {@code STALE_REVISION}
     */
    @Transactional
    void change(Model model, int number, Long expectedRevision, UnaryOperator<VersionNote> change, String actor) {
        // The lock of the version is the lock of its note, which may not exist yet.
        models.lock(model.projectId(), number).orElseThrow(() -> ModelLookup.noVersion(model, number));
        VersionNote before = get(model.projectId(), number);
        if (expectedRevision != null && expectedRevision != before.revision()) {
            throw new ServiceException(
                    ErrorCode.STALE_REVISION,
                    "model '%s' version %d: expected revision %d of its description, owner and tags, got %d: they changed in the meantime"
                            .formatted(model.name(), number, expectedRevision, before.revision()));
        }
        VersionNote after = change.apply(before);
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into version_note (project_id, number, revision, description, owner, tags)
                        values (:project, :number, :revision, :description, :owner, cast(:tags as jsonb))
                        on conflict (project_id, number) do update set revision = excluded.revision,
                            description = excluded.description, owner = excluded.owner, tags = excluded.tags""")
                .bind("project", model.projectId())
                .bindMethods(after)
                .execute());
        audit.record(Change.of(
                        model.projectId(), actor, "version.describe", "models/" + model.name() + "/versions/" + number)
                .values(before, after));
    }
}
