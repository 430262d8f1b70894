package dev.loupe.inference.registry;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** The candidates of aliases in the database. */
@ApplicationScoped
public class CanaryRepository {
    /** The last change of each alias. */
    static final String CURRENT = "select distinct on (project_id, alias) *, false as rollout from canary_change "
            + "order by project_id, alias, revision desc";

    private final Jdbi jdbi;

    CanaryRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Returns the last change; empty if the alias has never had a candidate. */
    public Optional<CanaryChange> find(UUID projectId, String alias) {
        return history(projectId, alias, Long.MAX_VALUE, 1).stream().findFirst();
    }

    /** Lists the changes of an alias below the given revision, newest first. */
    List<CanaryChange> history(UUID projectId, String alias, long below, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select *, exists (select from rollout r where r.project_id = c.project_id
                            and r.alias = c.alias and r.candidate = c.candidate) as rollout
                        from canary_change c
                        where project_id = :project and alias = :alias and revision < :below
                        order by revision desc limit :limit""")
                .bind("project", projectId)
                .bind("alias", alias)
                .bind("below", below)
                .bind("limit", limit)
                .mapTo(CanaryChange.class)
                .list());
    }

    /** Lists the aliases whose candidate is the version, ordered by name. */
    List<String> using(UUID projectId, int version) {
        return jdbi.withHandle(handle -> handle.createQuery("with current as (" + CURRENT + """
                        ) select alias from current
                        where project_id = :project and candidate = :version and active order by alias""")
                .bind("project", projectId)
                .bind("version", version)
                .mapTo(String.class)
                .list());
    }

    /** Adds a change. Its alias must be locked. */
    void insert(UUID projectId, CanaryChange change) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into canary_change (project_id, alias, revision, kind, active, generation, holder,
                            candidate, weight, shadow, seed, reason, actor, changed_at)
                        values (:project, :alias, :revision, :kind, :active, :generation, :holder, :candidate, :weight,
                            :shadow, :seed, :reason, :actor, :changedAt)""")
                .bind("project", projectId)
                .bindMethods(change)
                .execute());
    }
}
