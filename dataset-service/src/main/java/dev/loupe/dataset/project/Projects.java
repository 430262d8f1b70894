package dev.loupe.dataset.project;

import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** The projects in the database. */
@ApplicationScoped
public class Projects {
    private static final RowMapper<Project> PROJECT = ConstructorMapper.of(Project.class);

    /** Statements in the order that the foreign keys require. */
    private static final List<String> DELETE = List.of(
            "delete from image where project_id = :id",
            """
            delete from version_object
            where version_id in (select id from dataset_version where project_id = :id)""",
            "delete from dataset_version where project_id = :id",
            "insert into deleted_project (id) values (:id)");

    private final Jdbi jdbi;

    Projects(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Returns the project with this id, name or former name; throws {@code PROJECT_NOT_FOUND} if there is none. */
    public Project require(String idOrName) {
        return find(idOrName).orElseThrow(() -> notFound(idOrName));
    }

    private static ServiceException notFound(String idOrName) {
        return new ServiceException(ErrorCode.PROJECT_NOT_FOUND, "there is no project " + QuotedInput.of(idOrName));
    }

    /**
     * Locks the project against other callers of this method until this transaction ends. Images can still be added:
     * their foreign key conflicts with {@code for update} only.
     */
    public void lock(Project project) {
        lock(project, "for no key update");
    }

    private void lock(Project project, String mode) {
        jdbi.withHandle(handle -> handle.createQuery("select 1 from project where id = :id " + mode)
                .bind("id", project.id())
                .mapTo(Integer.class)
                .findOne()
                .orElseThrow(() -> notFound(project.name())));
    }

    @Transactional(TxType.MANDATORY)
    Project insert(Project project) {
        requireFree(project);
        return jdbi.withHandle(handle -> handle.createQuery("""
                        insert into project (id, name, task, item_kind) values (:id, :name, :task, :itemKind)
                        on conflict (name) do nothing returning *""")
                .bindMethods(project)
                .map(PROJECT)
                .findOne()
                .orElseThrow(() -> exists(project.name())));
    }

    /**
     * Renames the project. The former name continues to identify it, so that clients still work.
     *
     * @throws ServiceException {@code PROJECT_EXISTS} if another project has or had the name
     */
    @Transactional(TxType.MANDATORY)
    ProjectChanged rename(Project project, String name) {
        requireFree(new Project(project.id(), name, project.task(), project.itemKind(), null));
        return jdbi.withHandle(handle -> {
            handle.createUpdate("delete from project_former_name where name = :name")
                    .bind("name", name)
                    .execute();
            handle.createUpdate("insert into project_former_name (name, project_id) values (:name, :id)")
                    .bind("name", project.name())
                    .bind("id", project.id())
                    .execute();
            return changed(
                            project,
                            handle.createQuery("""
                            update project set name = :name, revision = revision + 1 where id = :id returning revision""")
                                    .bind("name", name)
                                    .bind("id", project.id())
                                    .mapTo(Long.class)
                                    .one())
                    .setName(name)
                    .addAllFormerNames(handle.createQuery(
                                    "select name from project_former_name where project_id = :id order by name")
                            .bind("id", project.id())
                            .mapTo(String.class)
                            .list())
                    .build();
        });
    }

    @Transactional(TxType.MANDATORY)
    void setItemKind(Project project, String itemKind) {
        jdbi.useHandle(handle -> handle.createUpdate("update project set item_kind = :itemKind where id = :id")
                .bind("itemKind", itemKind.isBlank() ? null : itemKind)
                .bind("id", project.id())
                .execute());
    }

    /**
     * Deletes the project with its images and versions; {@link DeletedProjects} deletes its objects in object storage.
     */
    @Transactional(TxType.MANDATORY)
    ProjectChanged delete(Project project) {
        lock(project, "for update"); // no image can be added meanwhile
        return jdbi.withHandle(handle -> {
            for (String statement : DELETE) {
                handle.createUpdate(statement).bind("id", project.id()).execute();
            }
            return changed(
                            project,
                            handle.createQuery("delete from project where id = :id returning revision + 1")
                                    .bind("id", project.id())
                                    .mapTo(Long.class)
                                    .one())
                    .setDeleted(true)
                    .build();
        });
    }

    private static ProjectChanged.Builder changed(Project project, long revision) {
        return ProjectChanged.newBuilder()
                .setProjectId(project.id().toString())
                .setName(project.name())
                .setRevision(revision);
    }

    /** Throws if the name is in use. Serialized by a lock, because names are in two tables. */
    private void requireFree(Project project) {
        jdbi.useHandle(handle -> {
            handle.execute("lock table project_former_name in share row exclusive mode");
            boolean taken = handle.createQuery("""
                            select exists (select from project where name = :name and id <> :id)
                                or exists (select from project_former_name where name = :name and project_id <> :id)""")
                    .bind("name", project.name())
                    .bind("id", project.id())
                    .mapTo(Boolean.class)
                    .one();
            if (taken) {
                throw exists(project.name());
            }
        });
    }

    private static ServiceException exists(String name) {
        return new ServiceException(
                ErrorCode.PROJECT_EXISTS, "project '" + name + "' exists, or a project had that name before");
    }

    /** Lists projects, ordered by name. */
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
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from project
                        where name = :name or id = :id
                           or id = (select project_id from project_former_name where name = :name)""")
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
