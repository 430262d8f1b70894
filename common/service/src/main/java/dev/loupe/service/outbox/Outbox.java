package dev.loupe.service.outbox;

import dev.loupe.service.database.Ids;
import dev.loupe.service.telemetry.TraceParent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import org.jdbi.v3.core.Jdbi;

/**
 * Stores outgoing events in the transaction that changes the service's state, so that either both happen or neither. A
 * relay sends them in order, at least once, within the trace in which they were added.
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
     * @param topic Kafka topic
     * @param key subject of the event: events with the same key stay in order
     * @param type type of the CloudEvent, such as {@code dev.loupe.alias-moved.v1}
     * @param data serialized data of the event
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
