package dev.loupe.dataset.limit;

import dev.loupe.events.v1.RequestLimitChanged;
import dev.loupe.service.limit.LimitKind;
import dev.loupe.service.limit.RequestLimit;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** The limits of requests in the database. Events tell the other services of each change. */
@ApplicationScoped
class RequestLimitChanges {
    private final Jdbi jdbi;
    private final Outbox outbox;

    RequestLimitChanges(Jdbi jdbi, Outbox outbox) {
        this.jdbi = jdbi;
        this.outbox = outbox;
    }

    /** The limit of a project or a token that was set; null: none. */
    Double of(UUID id) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select requests_per_second from request_limit where id = :id")
                        .bind("id", id)
                        .mapTo(Double.class)
                        .findOne()
                        .orElse(null));
    }

    @Transactional(TxType.MANDATORY)
    void set(UUID id, LimitKind kind, Double requestsPerSecond) {
        RequestLimit changed = jdbi.withHandle(handle -> handle.createQuery("""
                        insert into request_limit (id, kind, requests_per_second, revision)
                        values (:id, :kind, :rate, 1)
                        on conflict (id) do update
                        set requests_per_second = excluded.requests_per_second, revision = request_limit.revision + 1
                        returning *""")
                .bind("id", id)
                .bind("kind", kind.name())
                .bind("rate", requestsPerSecond)
                .map(ConstructorMapper.of(RequestLimit.class))
                .one());
        RequestLimitChanged event = RequestLimitChanged.newBuilder()
                .setId(id.toString())
                .setKind(kind.name())
                .setRequestsPerSecond(requestsPerSecond == null ? 0 : requestsPerSecond)
                .setRevision(changed.revision())
                .build();
        outbox.add("loupe.datasets", event.getId(), "dev.loupe.request-limit-changed.v1", event.toByteArray());
    }
}
