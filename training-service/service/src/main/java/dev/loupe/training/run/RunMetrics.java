package dev.loupe.training.run;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;

/**
 * Metrics of runs and of their queue. Gauges of unfinished runs are read from the database and are the same in every
 * replica; a run that ends is counted by the replica that ended it.
 */
@ApplicationScoped
class RunMetrics {
    private final Jdbi jdbi;
    private final MeterRegistry registry;
    private final Map<RunState, AtomicLong> unfinished = new EnumMap<>(RunState.class);
    private final AtomicLong oldestSeconds = new AtomicLong();

    RunMetrics(Jdbi jdbi, MeterRegistry registry) {
        this.jdbi = jdbi;
        this.registry = registry;
        Stream.of(RunState.values())
                .filter(state -> !state.isFinal())
                .forEach(state -> unfinished.put(
                        state, registry.gauge("loupe.runs", Tags.of("state", word(state)), new AtomicLong())));
        TimeGauge.builder("loupe.queue.oldest", oldestSeconds, TimeUnit.SECONDS, AtomicLong::doubleValue)
                .description("how long the run has waited that waits longest for its turn")
                .register(registry);
    }

    @Scheduled(
            every = "${loupe.training.metrics-interval:10s}",
            delayed = "1s",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void look() {
        Map<RunState, Long> counts = new EnumMap<>(RunState.class);
        jdbi.useHandle(handle -> {
            handle.createQuery("""
                            select state, count(*) as runs from run
                            where state in ('QUEUED', 'STARTING', 'RUNNING') group by state""")
                    .map((rs, _) -> Map.entry(RunState.valueOf(rs.getString("state")), rs.getLong("runs")))
                    .forEach(count -> counts.put(count.getKey(), count.getValue()));
            oldestSeconds.set(handle.createQuery("""
                            select coalesce(extract(epoch from now() - min(created_at)), 0)::bigint from run
                            where state = 'QUEUED' and (attempt = 0 or not_before <= now())""").mapTo(Long.class).one());
        });
        unfinished.forEach((state, gauge) -> gauge.set(counts.getOrDefault(state, 0L)));
    }

    void on(@Observes(during = TransactionPhase.AFTER_SUCCESS) RunChanged change) {
        if (change.ended() != null) {
            registry.counter("loupe.runs.ended", "state", word(change.ended())).increment();
        }
    }

    private static String word(RunState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
