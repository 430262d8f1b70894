package dev.loupe.inference.registry;

import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Versions that stay in the memory of each replica, in the database. */
@ApplicationScoped
public class VersionPins {
    static final String ALL = """
            select project_id, number from version_pin join model_version using (project_id, number)
            where deleted_at is null""";

    private final Jdbi jdbi;
    private final ModelRepository models;
    private final Audit audit;

    VersionPins(Jdbi jdbi, ModelRepository models, Audit audit) {
        this.jdbi = jdbi;
        this.models = models;
        this.audit = audit;
    }

    /** Numbers of the pinned versions of a model. */
    Set<Integer> of(UUID projectId) {
        return Set.copyOf(jdbi.withHandle(
                handle -> handle.createQuery("select number from version_pin where project_id = :project")
                        .bind("project", projectId)
                        .mapTo(Integer.class)
                        .list()));
    }

    /**
     * Pins a version, or removes its pin. No effect if it is so already.
     *
     * @throws dev.loupe.service.error.ServiceException {@code MODEL_VERSION_NOT_FOUND}
     */
    @Transactional
    public void set(Model model, int number, boolean pinned, String actor) {
        models.lock(model.projectId(), number).orElseThrow(() -> ModelLookup.noVersion(model, number));
        int changed = pinned ? insert(model.projectId(), number, actor) : delete(model.projectId(), number);
        if (changed > 0) {
            audit.record(Change.of(
                    model.projectId(),
                    actor,
                    pinned ? "version.pin" : "version.unpin",
                    "models/" + model.name() + "/versions/" + number));
        }
    }

    private int insert(UUID projectId, int number, String actor) {
        return jdbi.withHandle(handle -> handle.createUpdate("""
                        insert into version_pin (project_id, number, actor) values (:project, :number, :actor)
                        on conflict do nothing""")
                .bind("project", projectId)
                .bind("number", number)
                .bind("actor", actor)
                .execute());
    }

    private int delete(UUID projectId, int number) {
        return jdbi.withHandle(handle -> handle.createUpdate(
                        "delete from version_pin where project_id = :project and number = :number")
                .bind("project", projectId)
                .bind("number", number)
                .execute());
    }
}
