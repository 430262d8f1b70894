package dev.loupe.service.outbox;

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
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * Sends what is in the outbox, oldest first. One replica at a time does it (a lock in the database), so events of one
 * key stay in order. A row goes only after the broker has acknowledged it: an event may be sent twice, never lost.
 */
@ApplicationScoped
class OutboxRelay {
    private static final Logger LOG = Logger.getLogger(OutboxRelay.class);
    /** Any number that nobody else locks in a service's schema. */
    private static final long LOCK = 7_301_645_001L;

    private final Jdbi jdbi;
    private final Emitter<byte[]> events;
    private final OutboxConfig config;
    private final URI source;
    private final OutboxMetrics metrics;

    private record Row(
            long sequence,
            UUID id,
            String topic,
            String key,
            String type,
            byte[] data,
            OffsetDateTime at,
            String traceparent) {}

    OutboxRelay(
            Jdbi jdbi,
            @Channel("outbox") Emitter<byte[]> events,
            OutboxConfig config,
            OutboxMetrics metrics,
            @ConfigProperty(name = "quarkus.application.name") String application) {
        this.jdbi = jdbi;
        this.events = events;
        this.config = config;
        this.metrics = metrics;
        this.source = URI.create("/" + application);
    }

    @Scheduled(
            every = "${loupe.outbox.interval:1s}",
            delayed = "${loupe.outbox.interval:1s}", // a start has enough to do
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    @Transactional
    void relay() {
        List<Row> rows = jdbi.withHandle(handle -> {
            boolean ours = handle.createQuery("select pg_try_advisory_xact_lock(:lock + hashtext(current_schema()))")
                    .bind("lock", LOCK)
                    .mapTo(Boolean.class)
                    .one();
            if (!ours) {
                return List.<Row>of();
            }
            return handle.createQuery("select * from outbox order by sequence limit :limit")
                    .bind("limit", config.batchSize())
                    .map((rs, _) -> new Row(
                            rs.getLong("sequence"),
                            rs.getObject("id", UUID.class),
                            rs.getString("topic"),
                            rs.getString("key"),
                            rs.getString("type"),
                            rs.getBytes("data"),
                            rs.getObject("created_at", OffsetDateTime.class),
                            rs.getString("traceparent")))
                    .list();
        });
        if (rows.isEmpty()) {
            metrics.relayed(0, 0, null);
            return;
        }
        int sent = send(rows);
        metrics.relayed(
                sent,
                rows.size() - sent,
                sent < rows.size() ? rows.get(sent).at().toInstant() : null);
        if (sent > 0) {
            // Not all up to the last of them: a transaction that began earlier may have committed meanwhile.
            jdbi.useHandle(handle -> handle.createUpdate("delete from outbox where sequence = any(:sent)")
                    .bind(
                            "sent",
                            rows.stream().limit(sent).mapToLong(Row::sequence).toArray())
                    .execute());
        }
    }

    /** How many of the rows, from the first on, the broker has. */
    private int send(List<Row> rows) {
        List<CompletableFuture<Void>> acknowledged = new ArrayList<>();
        for (Row row : rows) {
            acknowledged.add(send(row));
        }
        int sent = 0;
        long deadline = System.nanoTime() + config.sendTimeout().toNanos();
        try {
            for (CompletableFuture<Void> one : acknowledged) {
                one.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                sent++;
            }
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
            LOG.warnf("%d of %d events wait for the broker: %s", rows.size() - sent, rows.size(), cause);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return sent;
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
                        .withTopic(row.topic())
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
