package dev.loupe.service.access;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.tenant.TenantFence;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * The members of projects, in memory. They are those of the table {@code project_member}, which dataset-service changes and
 * the other services learn from its events. Without the database, the members that were known last count. Thread-safe.
 */
@ApplicationScoped
public class MemberDirectory {
    private static final Logger LOG = Logger.getLogger(MemberDirectory.class);

    private final Jdbi jdbi;
    private final TenantFence fence;
    private final AuthConfig auth;
    /** Roles by the id of the project, by the member; null: not read yet. */
    private volatile Map<Who, Map<UUID, Role>> roles;

    private volatile boolean stale;

    private record Who(MemberKind kind, String name) {}

    MemberDirectory(Jdbi jdbi, TenantFence fence, AuthConfig auth) {
        this.jdbi = jdbi;
        this.fence = fence;
        this.auth = auth;
    }

    @Scheduled(every = "${loupe.auth.refresh-interval:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void read() {
        try {
            refresh();
        } catch (RuntimeException e) {
            LOG.warnf("members of projects can't be read, those known are %s: %s", roles == null ? "none" : "kept", e);
        }
    }

    /**
     * Reads the members; called after a change of them, so that this replica knows it at once. One read after the other, so
     * that none brings back what a later one has seen removed.
     */
    public synchronized void refresh() {
        if (auth.mode() != AuthMode.OIDC) {
            return; // the others know no persons
        }
        Map<Who, Map<UUID, Role>> read = new HashMap<>();
        fence.asOwner(() ->
                jdbi.useHandle(handle -> handle.createQuery("select project_id, kind, name, role from project_member")
                        .map((row, _) -> read.computeIfAbsent(
                                        new Who(MemberKind.valueOf(row.getString("kind")), row.getString("name")),
                                        _ -> new HashMap<>())
                                .put(row.getObject("project_id", UUID.class), Role.valueOf(row.getString("role"))))
                        .list()));
        roles = read;
    }

    /** Whether the members were read since the start. */
    boolean known() {
        return roles != null;
    }

    /**
     * The roles of a person, their own and those of their groups, by the id of the project.
     *
     * @throws ServiceException {@code DATABASE_UNAVAILABLE} while they were not read since the start
     */
    Map<UUID, Role> roles(String person, Collection<String> groups) {
        Map<Who, Map<UUID, Role>> known = roles;
        if (known == null) {
            throw new ServiceException(
                    ErrorCode.DATABASE_UNAVAILABLE,
                    "the members of projects are not read from the database yet; retry later");
        }
        Map<UUID, Role> highest = new HashMap<>();
        Stream.concat(
                        Stream.of(new Who(MemberKind.PERSON, person)),
                        groups.stream().map(group -> new Who(MemberKind.GROUP, group)))
                .flatMap(who -> known.getOrDefault(who, Map.of()).entrySet().stream())
                .forEach(role -> highest.merge(
                        role.getKey(), role.getValue(), (one, other) -> one.includes(other) ? one : other));
        return highest;
    }

    /**
     * Replaces the members of a project by those that an event reports, in the event's transaction; {@link #refreshIfStale}
     * follows it. A change whose revision is not newer than the stored one is ignored.
     */
    public void apply(UUID project, long revision, List<Member> members) {
        jdbi.useHandle(handle -> {
            boolean isNews = handle.createUpdate("""
                                    insert into project_members_revision (project_id, revision) values (:project, :revision)
                                    on conflict (project_id) do update set revision = excluded.revision
                                    where project_members_revision.revision < excluded.revision""")
                            .bind("project", project)
                            .bind("revision", revision)
                            .execute()
                    == 1;
            if (!isNews) {
                return;
            }
            handle.createUpdate("delete from project_member where project_id = :project")
                    .bind("project", project)
                    .execute();
            for (Member member : members) {
                handle.createUpdate("""
                                insert into project_member (project_id, kind, name, role)
                                values (:project, :kind, :name, :role)""")
                        .bind("project", project)
                        .bind("kind", member.kind().name())
                        .bind("name", member.name())
                        .bind("role", member.role().name())
                        .execute();
            }
        });
        stale = true;
    }

    /** Reads the members if an event changed some, after the event's transaction. */
    public void refreshIfStale() {
        if (stale) {
            stale = false;
            read();
        }
    }
}
