package dev.loupe.inference.registry;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.json.Json;

/** The promotion policies of projects in the database. */
@ApplicationScoped
class PolicyRepository {
    private final Jdbi jdbi;

    /**
     * The policy of a project. Public, because Jdbi constructs only public records.
     *
     * @param revision increases by one with every change; 0 if none was set
     * @param policy the conditions
     * @param actor who set it, null if none was set
     * @param changedAt when it was set, null if none was set
     */
    public record StoredPolicy(long revision, @Json PromotionPolicy policy, String actor, Instant changedAt) {
        static StoredPolicy standard() {
            return new StoredPolicy(0, PromotionPolicy.standard(), null, null);
        }
    }

    PolicyRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    Optional<StoredPolicy> find(UUID projectId) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select revision, policy, actor, changed_at from promotion_policy where project_id = :project")
                .bind("project", projectId)
                .mapTo(StoredPolicy.class)
                .findOne());
    }

    /**
     * Replaces the policy of a project, if it is at the revision before.
     *
     * @return false if it was at another revision
     */
    boolean replace(UUID projectId, StoredPolicy policy) {
        return jdbi.withHandle(handle -> handle.createUpdate(policy.revision() == 1 ? """
                                insert into promotion_policy (project_id, revision, policy, actor, changed_at)
                                values (:project, :revision, cast(:policy as jsonb), :actor, :changedAt)
                                on conflict do nothing""" : """
                                update promotion_policy set revision = :revision, policy = cast(:policy as jsonb),
                                    actor = :actor, changed_at = :changedAt
                                where project_id = :project and revision = :revision - 1""")
                        .bind("project", projectId)
                        .bindMethods(policy)
                        .execute()
                == 1);
    }
}
