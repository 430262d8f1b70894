package dev.loupe.service.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Gauges of the outbox, as seen by the relaying replica; they are zero in the other replicas. */
@ApplicationScoped
class OutboxMetrics {
    private static final OutboxTable.State NOTHING = new OutboxTable.State(0, null, 0);

    private final Counter sent;
    private volatile OutboxTable.State state = NOTHING;

    OutboxMetrics(MeterRegistry registry) {
        sent = Counter.builder("loupe.outbox.sent")
                .description("events that the broker has acknowledged")
                .register(registry);
        registry.gauge("loupe.outbox.waiting", this, metrics -> metrics.state.waiting());
        registry.gauge("loupe.outbox.parked", this, metrics -> metrics.state.parked());
        TimeGauge.builder("loupe.outbox.oldest", this::ageOfTheOldest, TimeUnit.MILLISECONDS)
                .description("how long the oldest event has waited for the broker")
                .register(registry);
    }

    private Number ageOfTheOldest() {
        Instant since = state.oldest();
        return since == null ? 0 : Duration.between(since, Instant.now()).toMillis();
    }

    void sent(int events) {
        sent.increment(events);
    }

    /** Updates the gauges after a pass of this replica. */
    void relayed(OutboxTable.State now) {
        state = now;
    }

    /** Resets the gauges, because another replica relays. */
    void relayedElsewhere() {
        state = NOTHING;
    }
}
