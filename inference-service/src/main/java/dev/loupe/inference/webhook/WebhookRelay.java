package dev.loupe.inference.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.inference.registry.AliasChange;
import dev.loupe.inference.registry.Announcement;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.webhook.WebhookRepository.Delivery;
import dev.loupe.inference.webhook.WebhookRepository.State;
import dev.loupe.service.database.Ids;
import dev.loupe.service.database.Retention;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * Announces moves of aliases and changes of rollouts. The delivery is added in the transaction of the change, and sent
 * afterwards; it is
 * retried with increasing delays, and may arrive twice.
 */
@ApplicationScoped
class WebhookRelay {
    private static final Logger LOG = Logger.getLogger(WebhookRelay.class);
    /** Most deliveries that are sent at the same time. */
    static final int BATCH = 20;

    private final WebhookRepository webhooks;
    private final WebhookSender sender;
    private final WebhookConfig config;
    private final ObjectMapper json;
    private final Jdbi jdbi;

    WebhookRelay(WebhookRepository webhooks, WebhookSender sender, WebhookConfig config, ObjectMapper json, Jdbi jdbi) {
        this.webhooks = webhooks;
        this.sender = sender;
        this.config = config;
        this.json = json;
        this.jdbi = jdbi;
    }

    /** Adds a delivery, in the transaction of the move. */
    void moved(@Observes AliasChange change) {
        announce(new Announcement(change.model(), "alias-moved", "move", change.move()));
    }

    /** Adds a delivery, in the transaction of the change. */
    void announce(@Observes Announcement announcement) {
        Model model = announcement.model();
        if (webhooks.findAndKeep(model.projectId()).isPresent()) {
            webhooks.add(delivery(announcement));
        }
    }

    /** Returns a delivery that is due now. */
    Delivery delivery(Announcement announcement) {
        UUID projectId = announcement.model().projectId();
        UUID id = Ids.next();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", id);
        body.put("type", announcement.type());
        body.put("project", announcement.model().name());
        body.put("projectId", projectId);
        body.put("createdAt", now);
        if (announcement.content() != null) {
            body.put(announcement.field(), announcement.content());
        }
        try {
            return new Delivery(id, projectId, json.writeValueAsString(body), now, State.PENDING, 0, now, null, null);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own records always serialize
        }
    }

    @Scheduled(
            every = "${loupe.inference.webhook.interval:1s}",
            delayed = "${loupe.inference.webhook.interval:1s}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void relay() {
        try (ExecutorService attempts = Executors.newVirtualThreadPerTaskExecutor()) {
            webhooks.take(BATCH, config.timeout().multipliedBy(3)).forEach(due -> attempts.submit(() -> send(due)));
        } catch (RuntimeException e) {
            LOG.debugf("no webhooks are sent: %s", e.getMessage()); // the database is away
        }
    }

    private void send(Delivery due) {
        try {
            Delivery after = webhooks.find(due.projectId())
                    .map(webhook -> sender.send(webhook, due))
                    .orElseGet(() -> WebhookSender.failed(due, "the webhook was deleted"));
            webhooks.finish(after);
            if (after.state() == State.FAILED) {
                LOG.warnf("webhook delivery %s failed for good: %s", after.id(), after.error());
            }
        } catch (RuntimeException e) { // it is due again after its lease
            LOG.warnf("webhook delivery %s: its result is not known: %s", due.id(), e.getMessage());
        }
    }

    @Scheduled(
            every = "1h",
            delayed = "10m",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void prune() {
        Retention.prune(jdbi, "webhook_delivery", "created_at", config.retention());
    }
}
