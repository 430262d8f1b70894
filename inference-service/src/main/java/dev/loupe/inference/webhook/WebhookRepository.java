package dev.loupe.inference.webhook;

import com.fasterxml.jackson.annotation.JsonIgnore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jdbi.v3.core.Jdbi;

/** Webhooks and their deliveries in the database. */
@ApplicationScoped
class WebhookRepository {
    private final Jdbi jdbi;

    /** Where moves are announced. Public, because Jdbi constructs only public records. */
    public record Webhook(String url, String secret, String actor, Instant changedAt) {}

    /** State of a delivery. */
    @Schema(name = "DeliveryState")
    public enum State {
        PENDING,
        DELIVERED,
        /** All attempts failed. */
        FAILED
    }

    /**
     * An announcement. Public, because Jdbi constructs only public records.
     *
     * @param attempts attempts so far
     * @param nextAttemptAt time of the next attempt, of a pending one
     * @param status HTTP status of the last attempt, null without a response
     * @param error why the last attempt failed, null if it did not
     */
    @Schema(name = "WebhookDelivery")
    public record Delivery(
            UUID id,
            @JsonIgnore UUID projectId,
            String body,
            Instant createdAt,
            State state,
            int attempts,
            Instant nextAttemptAt,
            Integer status,
            String error) {}

    WebhookRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    Optional<Webhook> find(UUID projectId) {
        return find(projectId, "");
    }

    /** Returns the webhook, which cannot be deleted until the end of the transaction. */
    Optional<Webhook> findAndKeep(UUID projectId) {
        return find(projectId, " for key share");
    }

    private Optional<Webhook> find(UUID projectId, String lock) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select url, secret, actor, changed_at from webhook where project_id = :project" + lock)
                .bind("project", projectId)
                .mapTo(Webhook.class)
                .findOne());
    }

    void replace(UUID projectId, Webhook webhook) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into webhook (project_id, url, secret, actor, changed_at)
                        values (:project, :url, :secret, :actor, :changedAt)
                        on conflict (project_id) do update set url = excluded.url, secret = excluded.secret,
                            actor = excluded.actor, changed_at = excluded.changed_at""")
                .bind("project", projectId)
                .bindMethods(webhook)
                .execute());
    }

    /** Deletes a webhook, and what it has not announced yet. */
    boolean delete(UUID projectId) {
        return jdbi.withHandle(handle -> {
            // First the webhook: this waits for transactions that announce a move, so that their deliveries are seen.
            int deleted = handle.createUpdate("delete from webhook where project_id = :project")
                    .bind("project", projectId)
                    .execute();
            handle.createUpdate("delete from webhook_delivery where project_id = :project and state = 'PENDING'")
                    .bind("project", projectId)
                    .execute();
            return deleted == 1;
        });
    }

    void add(Delivery delivery) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into webhook_delivery (id, project_id, body, created_at, state, attempts, next_attempt_at,
                            status, error)
                        values (:id, :projectId, :body, :createdAt, :state, :attempts, :nextAttemptAt, :status, :error)""").bindMethods(delivery).execute());
    }

    /**
     * Takes deliveries that are due. For the time of the lease no other replica takes them; if this one ends, another one
     * does afterwards.
     */
    List<Delivery> take(int most, Duration lease) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        update webhook_delivery set next_attempt_at = now() + :lease * interval '1 millisecond',
                            attempts = attempts + 1
                        where id in (select id from webhook_delivery where state = 'PENDING' and next_attempt_at <= now()
                            order by next_attempt_at limit :most for update skip locked)
                        returning *""")
                .bind("lease", lease.toMillis())
                .bind("most", most)
                .mapTo(Delivery.class)
                .list());
    }

    /** Writes the result of an attempt. */
    void finish(Delivery delivery) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update webhook_delivery set state = :state, next_attempt_at = :nextAttemptAt, status = :status,
                            error = :error
                        where id = :id""").bindMethods(delivery).execute());
    }

    /** Lists the deliveries of a project before an id, newest first. */
    List<Delivery> list(UUID projectId, UUID before, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from webhook_delivery
                        where project_id = :project and (cast(:before as uuid) is null or id < :before)
                        order by id desc limit :limit""")
                .bind("project", projectId)
                .bind("before", before)
                .bind("limit", limit)
                .mapTo(Delivery.class)
                .list());
    }
}
