package dev.loupe.service.project;

import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * The names of the projects that a service has received events about: its tables {@code project} (id, name, revision,
 * deleted) and {@code project_former_name} (name, project_id). Stateless, thread-safe.
 */
public final class ProjectNames {
    private ProjectNames() {}

    /**
     * Applies a change of a project, in the transaction of the handle. A change whose revision is not newer than the
     * stored one is ignored.
     *
     * @param formerNames all names that lead to the project beside its name
     * @return whether the change was applied
     */
    public static boolean apply(
            Handle handle, UUID id, String name, long revision, boolean deleted, List<String> formerNames) {
        boolean isNews = handle.createUpdate("""
                                insert into project (id, name, revision, deleted)
                                values (:id, :name, :revision, :deleted)
                                on conflict (id) do update
                                set name = excluded.name, revision = excluded.revision, deleted = excluded.deleted
                                where project.revision < excluded.revision""")
                        .bind("id", id)
                        .bind("name", name)
                        .bind("revision", revision)
                        .bind("deleted", deleted)
                        .execute()
                == 1;
        if (isNews) {
            handle.createUpdate("delete from project_former_name where project_id = :id")
                    .bind("id", id)
                    .execute();
            for (String former : formerNames) {
                handle.createUpdate("""
                                insert into project_former_name (name, project_id) values (:name, :id)
                                on conflict (name) do update set project_id = excluded.project_id""").bind("name", former).bind("id", id).execute();
            }
        }
        return isNews;
    }
}
