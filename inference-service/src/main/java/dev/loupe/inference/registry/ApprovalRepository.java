package dev.loupe.inference.registry;

import dev.loupe.inference.registry.ApprovalRequest.State;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Promotions that wait for approval, in the database. */
@ApplicationScoped
class ApprovalRepository {
    private static final String REQUESTS = """
            select * from (
                select number, alias, version, base_generation, force, reason, actor, created_at, expires_at,
                    case when state = 'PENDING' and expires_at <= now() then 'EXPIRED' else state end as state,
                    decided_by, comment, decided_at, generation
                from approval_request where project_id = :project) as request
            """;

    private final Jdbi jdbi;

    ApprovalRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Adds a request with the next number.
     *
     * @param request {@code number} of it is ignored
     * @return the number
     */
    int insert(UUID projectId, ApprovalRequest request) {
        return jdbi.withHandle(handle -> {
            handle.createQuery("select name from model where project_id = :project for no key update")
                    .bind("project", projectId)
                    .mapTo(String.class)
                    .one(); // one at a time, so that numbers are unique
            return handle.createQuery("""
                            insert into approval_request (project_id, number, alias, version, base_generation, force,
                                reason, actor, created_at, expires_at, state, decided_by, comment, decided_at,
                                generation)
                            select :project, coalesce(max(number), 0) + 1, :alias, :version, :baseGeneration, :force,
                                :reason, :actor, :createdAt, :expiresAt, :state, :decidedBy, :comment, :decidedAt,
                                :generation
                            from approval_request where project_id = :project
                            returning number""")
                    .bind("project", projectId)
                    .bindMethods(request)
                    .mapTo(Integer.class)
                    .one();
        });
    }

    Optional<ApprovalRequest> find(UUID projectId, int number) {
        return jdbi.withHandle(handle -> handle.createQuery(REQUESTS + "where number = :number")
                .bind("project", projectId)
                .bind("number", number)
                .mapTo(ApprovalRequest.class)
                .findOne());
    }

    /**
     * Lists the requests of a model below the given number, newest first.
     *
     * @param state only requests in this state; null: in any
     */
    List<ApprovalRequest> list(UUID projectId, State state, int below, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery(REQUESTS + """
                        where number < :below and (cast(:state as text) is null or state = :state)
                        order by number desc limit :limit""")
                .bind("project", projectId)
                .bind("state", state == null ? null : state.name())
                .bind("below", below)
                .bind("limit", limit)
                .mapTo(ApprovalRequest.class)
                .list());
    }

    /**
     * Writes the decision on a pending request.
     *
     * @return false if it is no longer pending
     */
    boolean decide(UUID projectId, ApprovalRequest request) {
        return jdbi.withHandle(handle -> handle.createUpdate("""
                                update approval_request set state = :state, decided_by = :decidedBy,
                                    comment = :comment, decided_at = :decidedAt, generation = :generation
                                where project_id = :project and number = :number and state = 'PENDING'
                                  and expires_at > now()""")
                        .bind("project", projectId)
                        .bindMethods(request)
                        .execute()
                == 1);
    }

    /** Ends the pending requests of an alias that moves. */
    void supersede(UUID projectId, String alias) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update approval_request set state = 'SUPERSEDED', decided_at = now()
                        where project_id = :project and alias = :alias and state = 'PENDING' and expires_at > now()""")
                .bind("project", projectId)
                .bind("alias", alias)
                .execute());
    }
}
