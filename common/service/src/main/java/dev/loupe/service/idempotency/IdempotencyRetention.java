package dev.loupe.service.idempotency;

import dev.loupe.service.database.Retention;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/** Deletes stored responses after their retention. Several replicas may run it at the same time. */
@ApplicationScoped
public class IdempotencyRetention {
    private static final Logger LOG = Logger.getLogger(IdempotencyRetention.class);

    private final Jdbi jdbi;
    private final IdempotencyConfig config;

    IdempotencyRetention(Jdbi jdbi, IdempotencyConfig config) {
        this.jdbi = jdbi;
        this.config = config;
    }

    @Scheduled(
            every = "${loupe.idempotency.prune-interval:1h}",
            delayed = "${loupe.idempotency.prune-delay:5m}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    public void prune() {
        int pruned = Retention.prune(jdbi, "idempotency", "created_at", config.retention());
        if (pruned > 0) {
            LOG.debugf("deleted %d stored responses", pruned);
        }
    }
}
