package dev.loupe.training.dataset;

import dev.loupe.events.v1.ProjectChanged;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The projects that this service has received events about: their names, and which of them are deleted. */
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
            boolean isNews = handle.createUpdate("""
                                    insert into project (id, name, revision, deleted)
                                    values (:id, :name, :revision, :deleted)
                                    on conflict (id) do update
                                    set name = excluded.name, revision = excluded.revision, deleted = excluded.deleted
                                    where project.revision < excluded.revision""")
                            .bind("id", id)
                            .bind("name", change.getName())
                            .bind("revision", change.getRevision())
                            .bind("deleted", change.getDeleted())
                            .execute()
                    == 1;
            if (isNews) {
                takeNames(handle, id, change);
            }
            if (isNews && change.getDeleted()) {
                handle.createUpdate("delete from quota where project_id = :id")
                        .bind("id", id)
                        .execute();
                deletions.fire(new ProjectDeleted(id));
            }
        });
    }

    private static void takeNames(Handle handle, UUID id, ProjectChanged change) {
        handle.createUpdate("delete from project_former_name where project_id = :id")
                .bind("id", id)
                .execute();
        for (String former : change.getFormerNamesList()) {
            handle.createUpdate("""
                            insert into project_former_name (name, project_id) values (:name, :id)
                            on conflict (name) do update set project_id = excluded.project_id""").bind("name", former).bind("id", id).execute();
        }
        handle.createUpdate("update dataset_version set project_name = :name where project_id = :id")
                .bind("name", change.getName())
                .bind("id", id)
                .execute();
    }
}
