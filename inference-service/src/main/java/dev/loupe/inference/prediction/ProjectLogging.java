package dev.loupe.inference.prediction;

import dev.loupe.service.tenant.TenantFence;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * The settings of prediction logs in this replica, read from the database every few seconds. While the database is
 * unavailable, the last ones hold. Thread-safe.
 */
@ApplicationScoped
class ProjectLogging {
    private static final Logger LOG = Logger.getLogger(ProjectLogging.class);

    private final LogSettingsRepository repository;
    private final TenantFence fence;
    private volatile Map<UUID, LogSettings> settings = Map.of();

    ProjectLogging(LogSettingsRepository repository, TenantFence fence) {
        this.repository = repository;
        this.fence = fence;
    }

    LogSettings of(UUID projectId) {
        return settings.getOrDefault(projectId, LogSettings.standard());
    }

    @Scheduled(
            every = "${loupe.inference.reconcile-interval:3s}",
            delayed = "${loupe.inference.reconcile-interval:3s}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void refresh() {
        try {
            settings = Map.copyOf(fence.asOwner(repository::all));
        } catch (RuntimeException e) {
            LOG.debugf("the settings of prediction logs are not read: %s", e.getMessage()); // the database is away
        }
    }
}
