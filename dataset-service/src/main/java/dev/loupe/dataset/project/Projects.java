package dev.loupe.dataset.project;

import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
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
    private final CurrentCaller caller;

    Projects(Jdbi jdbi, CurrentCaller caller) {
        this.jdbi = jdbi;
        this.caller = caller;
    }

    /** Returns the project with this id, name or former name; throws {@code PROJECT_NOT_FOUND} if there is none. */
    public Project require(String idOrName) {
        return find(idOrName).orElseThrow(() -> notFound(idOrName));
    }

    /** Like {@link #require}, but throws {@code PROJECT_ARCHIVED} if the project is archived. */
    public Project requireActive(String idOrName) {
        Project project = require(idOrName);
        if (project.archivedAt() != null) {
            throw new ServiceException(
                    ErrorCode.PROJECT_ARCHIVED,
                    "project '" + project.name() + "' is archived since " + project.archivedAt()
                            + ": it takes neither images nor dataset versions");
        }
        return project;
    }

    /** The error for a project that does not exist. */
    public static ServiceException notFound(String idOrName) {
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
        requireTenant(project.name(), caller.get().tenant());
        requireFree(project.id(), project.name());
        return jdbi.withHandle(handle -> handle.createQuery("""
                        insert into project (id, name, display_name, task, item_kind)
                        values (:id, :name, :displayName, :task, :itemKind)
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
        requireTenant(name, Tenant.ofProject(project.name()));
        requireFree(project.id(), name);
        return jdbi.withHandle(handle -> {
            handle.createUpdate("delete from project_former_name where name = :name")
                    .bind("name", name)
                    .execute();
            handle.createUpdate("insert into project_former_name (name, project_id) values (:name, :id)")
                    .bind("name", project.name())
                    .bind("id", project.id())
                    .execute();
            handle.createUpdate("update project set name = :name, revision = revision + 1 where id = :id")
                    .bind("name", name)
                    .bind("id", project.id())
                    .execute();
            return changed(handle, project);
        });
    }

    /** Archives the project, or makes it active again. Nothing changes if it is so already. */
    @Transactional(TxType.MANDATORY)
    ProjectChanged archive(Project project, boolean archived) {
        return jdbi.withHandle(handle -> {
            handle.createUpdate("""
                            update project set revision = revision + 1,
                                archived_at = case when :archived then coalesce(archived_at, now()) end
                            where id = :id""")
                    .bind("archived", archived)
                    .bind("id", project.id())
                    .execute();
            return changed(handle, project);
        });
    }

    /** The state of a project that other services need, after a change. */
    private static ProjectChanged changed(Handle handle, Project project) {
        return handle.createQuery("""
                        select name, revision, archived_at is not null as archived,
                               array(select name from project_former_name where project_id = :id order by name) as former
                        from project where id = :id""")
                .bind("id", project.id())
                .map((rs, _) -> ProjectChanged.newBuilder()
                        .setProjectId(project.id().toString())
                        .setName(rs.getString("name"))
                        .setRevision(rs.getLong("revision"))
                        .setArchived(rs.getBoolean("archived"))
                        .addAllFormerNames(
                                List.of((String[]) rs.getArray("former").getArray()))
                        .build())
                .one();
    }

    @Transactional(TxType.MANDATORY)
    void setDisplayName(Project project, String displayName) {
        setText(project, "display_name", displayName);
    }

    @Transactional(TxType.MANDATORY)
    void setItemKind(Project project, String itemKind) {
        setText(project, "item_kind", itemKind);
    }

    private void setText(Project project, String column, String text) {
        jdbi.useHandle(handle -> handle.createUpdate("update project set " + column + " = :text where id = :id")
                .bind("text", text.isBlank() ? null : text)
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
            return ProjectChanged.newBuilder()
                    .setProjectId(project.id().toString())
                    .setName(project.name())
                    .setRevision(handle.createQuery("delete from project where id = :id returning revision + 1")
                            .bind("id", project.id())
                            .mapTo(Long.class)
                            .one())
                    .setDeleted(true)
                    .build();
        });
    }

    /** Throws if the name is in use, or could be taken for the id of another project. Serialized by a lock, because names are in two tables. */
    private void requireFree(UUID id, String name) {
        if (uuid(name).isPresent()) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, "name: expected one that is no id, got " + name);
        }
        jdbi.useHandle(handle -> {
            handle.execute("lock table project_former_name in share row exclusive mode");
            boolean taken = handle.createQuery("""
                            select exists (select from project where name = :name and id <> :id)
                                or exists (select from project_former_name where name = :name and project_id <> :id)""")
                    .bind("name", name)
                    .bind("id", id)
                    .mapTo(Boolean.class)
                    .one();
            if (taken) {
                throw exists(name);
            }
        });
    }

    private static ServiceException exists(String name) {
        return new ServiceException(
                ErrorCode.PROJECT_EXISTS, "project '" + name + "' exists, or a project had that name before");
    }

    /**
     * Lists the projects that the caller may see, ordered by name.
     *
     * @param archived whether to list the archived ones or the others, null for both
     */
    List<Project> list(PageRequest page, Boolean archived) {
        return jdbi.withHandle(
                handle -> caller.bind(handle.createQuery("""
                        select * from project
                        where name > :after and (:archived::boolean is null or (archived_at is not null) = :archived::boolean)
                          and %s
                        order by name limit :limit""".formatted(CurrentCaller.visible("id", "name"))))
                        .bind("after", page.after())
                        .bind("archived", archived)
                        .bind("limit", page.limit() + 1)
                        .map(PROJECT)
                        .list());
    }

    /** The ids of a tenant's projects. */
    public Set<UUID> ofTenant(String tenant) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select id from project where %s = :tenant".formatted(Tenant.ofProjectSql("name")))
                .bind("tenant", tenant)
                .mapTo(UUID.class)
                .set());
    }

    private static void requireTenant(String name, String tenant) {
        if (!Tenant.ofProject(name).equals(tenant) || name.startsWith(Tenant.DEFAULT + ".")) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    tenant.equals(Tenant.DEFAULT)
                            ? "name: expected one without '.', because it is of no tenant, got " + QuotedInput.of(name)
                            : "name: expected one that begins with '" + Tenant.beforeProjects(tenant)
                                    + "', as those of all projects of the tenant, got " + QuotedInput.of(name));
        }
    }

    private Optional<Project> find(String idOrName) {
        Optional<UUID> id = uuid(idOrName);
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from project
                        where name = :name or id = :id
                           or id = (select project_id from project_former_name where name = :name)
                        order by (id = :id) desc nulls last""")
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
