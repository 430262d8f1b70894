package dev.loupe.service.inbox;

import dev.loupe.service.database.Retention;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/** Deletes the ids of received events after their retention. Several replicas may run it at the same time. */
@ApplicationScoped
public class InboxRetention {
    private static final Logger LOG = Logger.getLogger(InboxRetention.class);

    private final Jdbi jdbi;
    private final InboxConfig config;

    InboxRetention(Jdbi jdbi, InboxConfig config) {
        this.jdbi = jdbi;
        this.config = config;
    }

    @Scheduled(
            every = "${loupe.inbox.prune-interval:1h}",
            delayed = "${loupe.inbox.prune-delay:5m}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    public void prune() {
        int pruned = Retention.prune(jdbi, "inbox", "received_at", config.retention());
        if (pruned > 0) {
            LOG.debugf("deleted %d ids of received events", pruned);
        }
    }
}
