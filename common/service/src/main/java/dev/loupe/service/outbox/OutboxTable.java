package dev.loupe.service.outbox;

import dev.loupe.service.outbox.OutboxRelay.Key;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ColumnName;

/** The outbox table, for the relay. All methods run within the relay's transaction. */
@ApplicationScoped
@Transactional(TxType.MANDATORY)
class OutboxTable {
    /** Key of the advisory lock; arbitrary, but not used for anything else in a service's schema. */
    private static final long LOCK = 7_301_645_001L;

    private final Jdbi jdbi;

    public record Row(
            long sequence,
            UUID id,
            String topic,
            String key,
            String type,
            byte[] data,
            @ColumnName("created_at") OffsetDateTime at,
            String traceparent) {
        Key address() {
            return new Key(topic, key);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Row row && row.sequence == sequence;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(sequence);
        }
    }

    /**
     * State of the outbox.
     *
     * @param waiting number of events to be sent
     * @param oldest when the oldest of them was written, null if there is none
     * @param parked number of events that the broker rejected permanently
     */
    public record State(int waiting, Instant oldest, int parked) {}

    OutboxTable(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Tries to become the relaying replica until the transaction ends; returns whether it succeeded. */
    boolean tryLock() {
        return jdbi.withHandle(
                handle -> handle.createQuery("select pg_try_advisory_xact_lock(:lock + hashtext(current_schema()))")
                        .bind("lock", LOCK)
                        .mapTo(Boolean.class)
                        .one());
    }

    /** Returns the oldest events, without those of the given keys. */
    List<Row> oldest(int limit, Collection<Key> except) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from outbox
                        where (topic, key) not in (select * from unnest(:topics::text[], :keys::text[]))
                        order by sequence limit :limit""")
                .bindArray(
                        "topics", String.class, except.stream().map(Key::topic).toList())
                .bindArray("keys", String.class, except.stream().map(Key::key).toList())
                .bind("limit", limit)
                .mapTo(Row.class)
                .list());
    }

    void delete(Collection<Row> rows) {
        // Not a range up to the last row: a transaction that began earlier may have committed meanwhile.
        jdbi.useHandle(handle -> handle.createUpdate("delete from outbox where sequence = any(:sequences)")
                .bind("sequences", rows.stream().mapToLong(Row::sequence).toArray())
                .execute());
    }

    /** Moves an event to the dead letters. */
    void park(Row row, String reason) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        with parked as (delete from outbox where sequence = :sequence returning *)
                        insert into outbox_dead_letter (id, topic, key, type, data, traceparent, created_at, reason)
                        select id, topic, key, type, data, traceparent, created_at, :reason from parked""")
                .bind("sequence", row.sequence())
                .bind("reason", reason)
                .execute());
    }

    State state() {
        return jdbi.withHandle(
                handle -> handle.createQuery("""
                        select (select count(*) from outbox) as waiting,
                               (select created_at from outbox order by sequence limit 1) as oldest,
                               (select count(*) from outbox_dead_letter) as parked""").mapTo(State.class).one());
    }
}
