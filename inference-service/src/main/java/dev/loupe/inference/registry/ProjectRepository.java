package dev.loupe.inference.registry;

import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.service.project.ProjectNames;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Projects that were renamed or deleted, in the database. */
@ApplicationScoped
class ProjectRepository {
    /** Statements in the order that the foreign keys require. */
    private static final List<String> DELETE_MODEL = List.of(
            "delete from project_member where project_id = :id",
            "delete from canary_change where project_id = :id",
            "delete from alias_move where project_id = :id",
            "delete from alias where project_id = :id",
            "delete from threshold_version where project_id = :id",
            "delete from model_version where project_id = :id",
            "delete from model where project_id = :id");

    private final Jdbi jdbi;

    /** The latest known state of a project. Public, because Jdbi constructs only public records. */
    public record ProjectState(String name, boolean deleted) {}

    ProjectRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Returns the state of a project; empty if no change of it is known. */
    Optional<ProjectState> find(UUID id) {
        return jdbi.withHandle(handle -> handle.createQuery("select name, deleted from project where id = :id")
                .bind("id", id)
                .mapTo(ProjectState.class)
                .findOne());
    }

    /**
     * Applies a change; one with an older revision than the known one is ignored. Runs in the event's transaction.
     *
     * @return whether the change was applied
     */
    boolean apply(UUID id, ProjectChanged change) {
        return jdbi.withHandle(handle -> {
            boolean isNews = ProjectNames.apply(
                    handle,
                    id,
                    change.getName(),
                    change.getRevision(),
                    change.getDeleted(),
                    change.getFormerNamesList());
            if (isNews) {
                handle.createUpdate("update model set name = :name where project_id = :id")
                        .bind("name", change.getName())
                        .bind("id", id)
                        .execute();
            }
            if (isNews && change.getDeleted()) {
                DELETE_MODEL.forEach(statement ->
                        handle.createUpdate(statement).bind("id", id).execute());
            }
            return isNews;
        });
    }
}
