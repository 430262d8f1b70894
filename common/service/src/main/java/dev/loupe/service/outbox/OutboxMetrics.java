package dev.loupe.service.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What the replica that relays sees of the outbox; the others, which relay nothing, say zero. */
@ApplicationScoped
class OutboxMetrics {
    private final Counter sent;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicReference<Instant> oldest = new AtomicReference<>();

    OutboxMetrics(MeterRegistry registry) {
        sent = Counter.builder("loupe.outbox.sent")
                .description("events that the broker has acknowledged")
                .register(registry);
        registry.gauge("loupe.outbox.waiting", waiting);
        TimeGauge.builder("loupe.outbox.oldest", this::ageOfTheOldest, TimeUnit.MILLISECONDS)
                .description("how long the oldest event has waited for the broker")
                .register(registry);
    }

    private Number ageOfTheOldest() {
        Instant since = oldest.get();
        return since == null ? 0 : Duration.between(since, Instant.now()).toMillis();
    }

    /**
     * @param sentNow events of this pass that the broker has
     * @param left events of this pass, a batch at most, that it has not
     * @param oldestLeft when the first of these was written; null if there is none
     */
    void relayed(int sentNow, int left, Instant oldestLeft) {
        sent.increment(sentNow);
        waiting.set(left);
        oldest.set(oldestLeft);
    }
}
