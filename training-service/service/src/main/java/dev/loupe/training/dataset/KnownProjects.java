package dev.loupe.training.dataset;

import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.service.project.ProjectNames;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** The projects that this service has received events about: their names, which are archived, which deleted. */
@ApplicationScoped
public class KnownProjects {
    private final Jdbi jdbi;
    private final Event<ProjectDeleted> deletions;

    KnownProjects(Jdbi jdbi, Event<ProjectDeleted> deletions) {
        this.jdbi = jdbi;
        this.deletions = deletions;
    }

    /** Applies a change; one with an older revision than the known one is ignored. Runs in the event's transaction. */
    void apply(ProjectChanged change) {
        UUID id = UUID.fromString(change.getProjectId());
        jdbi.useHandle(handle -> {
            boolean isNews = ProjectNames.apply(
                    handle,
                    id,
                    change.getName(),
                    change.getRevision(),
                    change.getDeleted(),
                    change.getFormerNamesList());
            if (isNews) {
                handle.createUpdate("update dataset_version set project_name = :name where project_id = :id")
                        .bind("name", change.getName())
                        .bind("id", id)
                        .execute();
                handle.createUpdate("update project set archived = :archived where id = :id")
                        .bind("archived", change.getArchived())
                        .bind("id", id)
                        .execute();
            }
            if (isNews && change.getDeleted()) {
                for (String table : List.of("quota", "project_member")) {
                    handle.createUpdate("delete from " + table + " where project_id = :id")
                            .bind("id", id)
                            .execute();
                }
                deletions.fire(new ProjectDeleted(id));
            }
        });
    }
}
