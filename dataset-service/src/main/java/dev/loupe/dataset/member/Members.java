package dev.loupe.dataset.member;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.events.v1.ProjectMember;
import dev.loupe.events.v1.ProjectMembersChanged;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.Member;
import dev.loupe.service.access.MemberKind;
import dev.loupe.service.access.Role;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** The members of projects in the database. Events tell the other services of each change. */
@ApplicationScoped
class Members {
    /** The event of a change has all members, and must not be too large for the broker. */
    static final int MAX_MEMBERS = 1000;

    private static final RowMapper<Member> MEMBER = ConstructorMapper.of(Member.class);

    private final Jdbi jdbi;
    private final Outbox outbox;
    private final Audit audit;
    private final Projects projects;
    private final CurrentCaller caller;

    Members(Jdbi jdbi, Outbox outbox, Audit audit, Projects projects, CurrentCaller caller) {
        this.jdbi = jdbi;
        this.projects = projects;
        this.caller = caller;
        this.outbox = outbox;
        this.audit = audit;
    }

    /** Members of a project: groups, then persons, by name. */
    List<Member> list(Project project) {
        return jdbi.withHandle(handle -> list(handle, project));
    }

    private static List<Member> list(Handle handle, Project project) {
        return handle.createQuery("""
                        select kind, name, role from project_member where project_id = :project order by kind, name""").bind("project", project.id()).map(MEMBER).list();
    }

    /** @throws ServiceException {@code TOO_MANY_MEMBERS}, {@code LAST_PROJECT_ADMIN} */
    @Transactional
    void set(Project project, Member member, String actor) {
        Optional<Member> before = change(project, member.kind(), member.name(), handle -> handle.createUpdate("""
                        insert into project_member (project_id, kind, name, role)
                        values (:project, :kind, :name, :role)
                        on conflict (project_id, kind, name) do update set role = excluded.role""")
                .bind("project", project.id())
                .bind("kind", member.kind().name())
                .bind("name", member.name())
                .bind("role", member.role().name())
                .execute());
        audit.record(Change.of(project.id(), actor, "member.set", project.name())
                .detail(member.kind() + " " + member.name() + ": " + member.role())
                .values(before.orElse(null), member));
    }

    /** @throws ServiceException {@code MEMBER_NOT_FOUND}, {@code LAST_PROJECT_ADMIN} */
    @Transactional
    void remove(Project project, MemberKind kind, String name, String actor) {
        Optional<Member> before = change(project, kind, name, handle -> {
            int removed = handle.createUpdate("""
                            delete from project_member where project_id = :project and kind = :kind and name = :name""")
                    .bind("project", project.id())
                    .bind("kind", kind.name())
                    .bind("name", name)
                    .execute();
            if (removed == 0) {
                throw new ServiceException(
                        ErrorCode.MEMBER_NOT_FOUND,
                        "project '" + project.name() + "' has no member " + kind + " " + QuotedInput.of(name));
            }
        });
        audit.record(Change.of(project.id(), actor, "member.remove", project.name())
                .detail(kind + " " + name)
                .values(before.orElse(null), null));
    }

    /**
     * Changes the members, and announces all of them. The lock orders the changes of one project.
     *
     * @return the member of this kind and name before the change
     */
    private Optional<Member> change(Project project, MemberKind kind, String name, Consumer<Handle> change) {
        projects.lock(project);
        return jdbi.withHandle(handle -> {
            List<Member> before = list(handle, project);
            boolean hadAdministrator = hasAdministrator(before);
            change.accept(handle);
            List<Member> members = list(handle, project);
            if (members.size() > MAX_MEMBERS) {
                throw new ServiceException(
                        ErrorCode.TOO_MANY_MEMBERS,
                        "members of project '" + project.name() + "': expected at most " + MAX_MEMBERS
                                + ", got one more; use a group of the provider");
            }
            if (hadAdministrator && !hasAdministrator(members) && caller.get().everywhere() != Role.ADMIN) {
                throw new ServiceException(
                        ErrorCode.LAST_PROJECT_ADMIN,
                        "project '" + project.name() + "': expected another member with the role admin, got none; make"
                                + " one first, or ask an administrator of all projects");
            }
            announce(project, nextRevision(handle, project), members);
            return before.stream()
                    .filter(member -> member.kind() == kind && member.name().equals(name))
                    .findFirst();
        });
    }

    private static boolean hasAdministrator(List<Member> members) {
        return members.stream().anyMatch(member -> member.role() == Role.ADMIN);
    }

    private static long nextRevision(Handle handle, Project project) {
        return handle.createQuery("""
                        insert into project_members_revision (project_id, revision) values (:project, 1)
                        on conflict (project_id) do update set revision = project_members_revision.revision + 1
                        returning revision""")
                .bind("project", project.id())
                .mapTo(Long.class)
                .one();
    }

    private void announce(Project project, long revision, List<Member> members) {
        ProjectMembersChanged.Builder event = ProjectMembersChanged.newBuilder()
                .setProjectId(project.id().toString())
                .setRevision(revision);
        members.forEach(member -> event.addMembers(ProjectMember.newBuilder()
                .setKind(member.kind().name())
                .setName(member.name())
                .setRole(member.role().name())));
        outbox.add(
                "loupe.datasets",
                event.getProjectId(),
                "dev.loupe.project-members-changed.v1",
                event.build().toByteArray());
    }
}
