package dev.loupe.dataset.project;

import dev.loupe.contracts.Task;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;

/** The projects in the database. */
@ApplicationScoped
public class Projects {
    private static final RowMapper<Project> PROJECT = (rs, _) -> new Project(
            rs.getObject("id", UUID.class),
            rs.getString("name"),
            Task.valueOf(rs.getString("task")),
            rs.getString("item_kind"),
            rs.getObject("created_at", OffsetDateTime.class).toInstant());

    private final Jdbi jdbi;

    Projects(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** The project of this id or name; {@code PROJECT_NOT_FOUND} if there is none. */
    public Project require(String idOrName) {
        return find(idOrName)
                .orElseThrow(() ->
                        new ServiceException(ErrorCode.PROJECT_NOT_FOUND, "there is no project '" + idOrName + "'"));
    }

    /** Makes others who lock the project wait until this transaction ends. */
    public void lock(Project project) {
        jdbi.useHandle(handle -> handle.createQuery("select 1 from project where id = :id for update")
                .bind("id", project.id())
                .mapTo(Integer.class)
                .one());
    }

    Project insert(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        insert into project (id, name, task, item_kind) values (:id, :name, :task, :itemKind)
                        on conflict (name) do nothing returning *""")
                .bind("id", project.id())
                .bind("name", project.name())
                .bind("task", project.task().name())
                .bind("itemKind", project.itemKind())
                .map(PROJECT)
                .findOne()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.PROJECT_EXISTS, "project '" + project.name() + "' is there already")));
    }

    /** By name. */
    List<Project> list(PageRequest page) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select * from project where name > :after order by name limit :limit")
                        .bind("after", page.after())
                        .bind("limit", page.limit() + 1)
                        .map(PROJECT)
                        .list());
    }

    private Optional<Project> find(String idOrName) {
        Optional<UUID> id = uuid(idOrName);
        return jdbi.withHandle(handle -> handle.createQuery("select * from project where name = :name or id = :id")
                .bind("name", idOrName)
                .bind("id", id.orElse(null))
                .map(PROJECT)
                .findFirst());
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return text.length() == 36 ? Optional.of(UUID.fromString(text)) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
