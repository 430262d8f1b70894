package dev.loupe.service.outbox;

import dev.loupe.service.outbox.OutboxTable.Row;
import dev.loupe.service.telemetry.TraceParent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.reactive.messaging.TracingMetadata;
import io.smallrye.reactive.messaging.ce.OutgoingCloudEventMetadata;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.jboss.logging.Logger;

/**
 * Sends the events of the outbox, oldest first. One replica at a time does so (by a database lock), and events with the
 * same key are sent one after the other, so they stay in order. A row is deleted only after the broker has acknowledged
 * it: an event may be sent twice, but is never lost.
 *
 * <p>No key blocks another one. If an event cannot be sent, its key is skipped for a while, so that other keys can use
 * its place in the batch. An event that the broker rejects permanently is moved to the dead letters.
 */
@ApplicationScoped
class OutboxRelay {
    private static final Logger LOG = Logger.getLogger(OutboxRelay.class);
    private static final Duration REMINDER = Duration.ofHours(1);

    private final OutboxTable outbox;
    private final Emitter<byte[]> events;
    private final OutboxConfig config;
    private final URI source;
    private final String topicPrefix;
    private final OutboxMetrics metrics;
    private final Map<Key, Instant> restingUntil = new ConcurrentHashMap<>();
    private Instant nextReminder = Instant.MIN;

    /** Events with one key stay in order. */
    record Key(String topic, String key) {}

    OutboxRelay(
            OutboxTable outbox,
            @Channel("outbox") Emitter<byte[]> events,
            OutboxConfig config,
            OutboxMetrics metrics,
            @ConfigProperty(name = "quarkus.application.name") String application,
            @ConfigProperty(name = "loupe.topic-prefix") Optional<String> topicPrefix) {
        this.outbox = outbox;
        this.events = events;
        this.config = config;
        this.metrics = metrics;
        this.source = URI.create("/" + application);
        this.topicPrefix = topicPrefix.orElse("");
    }

    @Scheduled(
            every = "${loupe.outbox.interval:1s}",
            delayed = "${loupe.outbox.interval:1s}", // keep the start fast
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    @Transactional
    void relay() {
        if (!outbox.tryLock()) {
            metrics.relayedElsewhere();
            return;
        }
        Instant now = Instant.now();
        restingUntil.values().removeIf(until -> until.isBefore(now));
        List<Row> rows = outbox.oldest(config.batchSize(), restingUntil.keySet());
        if (!rows.isEmpty()) {
            Map<Row, Outcome> outcomes = send(rows);
            List<Row> sent = only(outcomes, Outcome.Sent.class);
            outbox.delete(sent);
            outcomes.forEach((row, outcome) -> {
                if (outcome instanceof Outcome.Refused refused) {
                    outbox.park(row, refused.reason());
                }
            });
            metrics.sent(sent.size());
        }
        OutboxTable.State state = outbox.state();
        metrics.relayed(state);
        if (state.parked() > 0 && now.isAfter(nextReminder)) {
            LOG.warnf("%d events are parked in the table outbox_dead_letter and are not sent", state.parked());
            nextReminder = now.plus(REMINDER);
        }
    }

    private static List<Row> only(Map<Row, Outcome> outcomes, Class<? extends Outcome> kind) {
        return outcomes.entrySet().stream()
                .filter(entry -> kind.isInstance(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Result of sending an event. */
    private sealed interface Outcome {
        /** The broker has acknowledged it. */
        record Sent() implements Outcome {}

        /** The broker rejects it permanently. */
        record Refused(String reason) implements Outcome {}

        /** It is retried later, with the following events of its key. */
        record Waiting(Throwable reason) implements Outcome {}
    }

    private Map<Row, Outcome> send(List<Row> rows) {
        Map<Row, Outcome> outcomes = new ConcurrentHashMap<>();
        long deadline = System.nanoTime() + config.sendTimeout().toNanos();
        Map<Key, List<Row>> byKey =
                rows.stream().collect(Collectors.groupingBy(Row::address, LinkedHashMap::new, Collectors.toList()));
        try (ExecutorService keys = Executors.newVirtualThreadPerTaskExecutor()) {
            byKey.forEach((key, its) -> keys.submit(() -> sendInOrder(key, its, deadline, outcomes)));
        }
        List<Row> waiting = only(outcomes, Outcome.Waiting.class);
        if (!waiting.isEmpty()) {
            LOG.warnf(
                    "%d of %d events wait for the broker: %s",
                    rows.size() - only(outcomes, Outcome.Sent.class).size(),
                    rows.size(),
                    outcomes.get(waiting.getFirst()));
        }
        return outcomes;
    }

    private void sendInOrder(Key key, List<Row> rows, long deadline, Map<Row, Outcome> outcomes) {
        for (Row row : rows) {
            Outcome outcome = send(row, deadline);
            outcomes.put(row, outcome);
            switch (outcome) {
                case Outcome.Sent _ -> {}
                case Outcome.Refused refused ->
                    LOG.errorf(
                            "event %s (%s, topic %s, key %s, %d bytes) is parked in the table outbox_dead_letter: %s",
                            row.id(), row.type(), row.topic(), row.key(), row.data().length, refused.reason());
                case Outcome.Waiting _ -> {
                    restingUntil.put(key, Instant.now().plus(config.retryDelay()));
                    return;
                }
            }
        }
    }

    private Outcome send(Row row, long deadline) {
        try {
            send(row).get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            return new Outcome.Sent();
        } catch (ExecutionException e) {
            return isRefusal(e.getCause())
                    ? new Outcome.Refused(String.valueOf(e.getCause().getMessage()))
                    : new Outcome.Waiting(e.getCause());
        } catch (TimeoutException e) {
            return new Outcome.Waiting(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Waiting(e);
        } catch (RuntimeException e) {
            return new Outcome.Waiting(e);
        }
    }

    /** Whether the event itself is invalid. An unavailable broker or a lack of permission may be temporary. */
    private static boolean isRefusal(Throwable e) {
        return e instanceof RecordTooLargeException
                || e instanceof RecordBatchTooLargeException
                || e instanceof InvalidTopicException
                || e instanceof SerializationException
                || e instanceof PolicyViolationException
                || e instanceof UnsupportedForMessageFormatException;
    }

    private CompletableFuture<Void> send(Row row) {
        CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        Metadata metadata = Metadata.of(
                OutgoingCloudEventMetadata.builder()
                        .withId(row.id().toString())
                        .withSource(source)
                        .withType(row.type())
                        .withSubject(row.key())
                        .withTimestamp(row.at().atZoneSameInstant(ZoneOffset.UTC))
                        .withDataContentType("application/protobuf")
                        .build(),
                OutgoingKafkaRecordMetadata.<String>builder()
                        .withTopic(topicPrefix + row.topic())
                        .withKey(row.key())
                        .build(),
                TracingMetadata.withCurrent(TraceParent.context(row.traceparent())));
        events.send(Message.of(
                row.data(),
                metadata,
                () -> {
                    acknowledged.complete(null);
                    return CompletableFuture.completedFuture(null);
                },
                reason -> {
                    acknowledged.completeExceptionally(reason);
                    return CompletableFuture.completedFuture(null);
                }));
        return acknowledged;
    }
}
