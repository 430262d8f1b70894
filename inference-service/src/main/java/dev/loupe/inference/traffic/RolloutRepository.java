package dev.loupe.inference.traffic;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** The last rollout of each alias in the database. */
@ApplicationScoped
class RolloutRepository {
    private final Jdbi jdbi;

    RolloutRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    Optional<Rollout> find(UUID projectId, String alias) {
        return find(projectId, alias, "");
    }

    /** As {@link #find}, and locks it until the transaction ends. */
    Optional<Rollout> lock(UUID projectId, String alias) {
        return find(projectId, alias, " for update");
    }

    /** As {@link #lock} for one that runs; empty also while another replica has locked it. */
    Optional<Rollout> lockRunning(UUID projectId, String alias) {
        return find(projectId, alias, " and state = 'RUNNING' for update skip locked");
    }

    private Optional<Rollout> find(UUID projectId, String alias, String more) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from rollout where project_id = :project and alias = :alias" + more)
                .bind("project", projectId)
                .bind("alias", alias)
                .mapTo(Rollout.class)
                .findOne());
    }

    List<Rollout> running() {
        return jdbi.withHandle(handle -> handle.createQuery("select * from rollout where state = 'RUNNING'")
                .mapTo(Rollout.class)
                .list());
    }

    void save(Rollout rollout) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into rollout (project_id, alias, candidate, revision, plan, step, state, message, force,
                            reason, actor, started_at, step_started_at)
                        values (:projectId, :alias, :candidate, :revision, cast(:plan as jsonb), :step, :state, :message,
                            :force, :reason, :actor, :startedAt, :stepStartedAt)
                        on conflict (project_id, alias) do update
                        set candidate = excluded.candidate, revision = excluded.revision, plan = excluded.plan,
                            step = excluded.step, state = excluded.state, message = excluded.message,
                            force = excluded.force, reason = excluded.reason, actor = excluded.actor,
                            started_at = excluded.started_at, step_started_at = excluded.step_started_at""").bindMethods(rollout).execute());
    }
}
