package dev.loupe.inference.traffic;

import dev.loupe.service.error.ServiceException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Takes the steps of rollouts that are due. All replicas try; the lock of a rollout lets one of them. */
@ApplicationScoped
class RolloutDriver {
    private static final Logger LOG = Logger.getLogger(RolloutDriver.class);

    private final RolloutRepository repository;
    private final Rollouts rollouts;

    RolloutDriver(RolloutRepository repository, Rollouts rollouts) {
        this.repository = repository;
        this.rollouts = rollouts;
    }

    @Scheduled(
            every = "${loupe.inference.shadow.interval:5s}",
            delayed = "${loupe.inference.shadow.interval:5s}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void drive() {
        try {
            repository.running().forEach(this::advance);
        } catch (RuntimeException e) {
            LOG.debugf("no rollout advances: %s", e.getMessage()); // the database is away
        }
    }

    private void advance(Rollout rollout) {
        try {
            rollouts.advance(rollout.projectId(), rollout.alias());
        } catch (ServiceException refused) {
            LOG.warnf("rollout of '%s' stops: %s", rollout.alias(), refused.getMessage());
            rollouts.stop(rollout.projectId(), rollout.alias(), refused);
        } catch (RuntimeException e) {
            LOG.warnf(e, "rollout of '%s' does not advance", rollout.alias()); // the others do
        }
    }
}
