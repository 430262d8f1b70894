package dev.loupe.service.outbox;

import dev.loupe.service.database.Ids;
import dev.loupe.service.telemetry.TraceParent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import org.jdbi.v3.core.Jdbi;

/**
 * Where a service leaves what it has to say, in the transaction that changes its state: either both happen or neither.
 * A relay sends it on, in order, at least once, within the trace in which it was added.
 */
@ApplicationScoped
public class Outbox {
    private final Jdbi jdbi;

    Outbox(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Adds an event. Must be called within a transaction.
     *
     * @param topic of Kafka
     * @param key what it is about: events with one key stay in order
     * @param type of the CloudEvent, such as {@code dev.loupe.alias-moved.v1}
     * @param data the event's bytes
     */
    @Transactional(TxType.MANDATORY)
    public void add(String topic, String key, String type, byte[] data) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into outbox (id, topic, key, type, data, traceparent)
                        values (:id, :topic, :key, :type, :data, :traceparent)""")
                .bind("id", Ids.next())
                .bind("topic", topic)
                .bind("key", key)
                .bind("type", type)
                .bind("data", data)
                .bind("traceparent", TraceParent.current())
                .execute());
    }
}
