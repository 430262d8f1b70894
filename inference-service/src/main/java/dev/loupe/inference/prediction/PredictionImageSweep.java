package dev.loupe.inference.prediction;

import dev.loupe.storage.StorageException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Deletes images of predictions that have no row: a replica that ends between storing an image and writing its row leaves
 * one. An id has its time, so the objects of the last day are found by the begin of their keys.
 */
@ApplicationScoped
class PredictionImageSweep {
    private static final Logger LOG = Logger.getLogger(PredictionImageSweep.class);
    /** How far it looks back: a replica that is restarted does so within this time. */
    private static final Duration LOOK_BACK = Duration.ofHours(25);
    /** Rows of younger images may still be written. */
    private static final Duration MARGIN = Duration.ofMinutes(10);
    /** Milliseconds whose ids have the first seven hexadecimal digits in common. */
    private static final long STEP = 1L << 20;

    private final PredictionRepository predictions;
    private final LogSettingsRepository settings;
    private final PredictionImages images;
    private final Duration youngest;

    PredictionImageSweep(
            PredictionRepository predictions,
            LogSettingsRepository settings,
            PredictionImages images,
            PredictionLogConfig config) {
        this.predictions = predictions;
        this.settings = settings;
        this.images = images;
        this.youngest = config.maxDelay().plus(MARGIN);
    }

    @Scheduled(
            every = "${loupe.inference.prediction-log.sweep-interval:1h}",
            delayed = "${loupe.inference.prediction-log.sweep-interval:1h}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void sweep() {
        Instant end = Instant.now().minus(youngest);
        try {
            for (UUID project : settings.all().keySet()) {
                for (Instant at = end.minus(LOOK_BACK); !at.isAfter(end); at = at.plusMillis(STEP)) {
                    sweep(project, at, end);
                }
            }
        } catch (StorageException e) {
            LOG.warnf("images without predictions are not deleted: %s", e.getMessage());
        } catch (RuntimeException e) {
            LOG.debugf("images without predictions are not deleted: %s", e.getMessage()); // the database is away
        }
    }

    /** Deletes those of the step that this time is in, if they are older than the end. */
    private void sweep(UUID project, Instant at, Instant end) {
        String begin = PredictionIds.first(at).toString().substring(0, 7);
        List<UUID> stored = images.list(project, begin).stream()
                .filter(id -> PredictionIds.time(id).isBefore(end))
                .toList();
        if (stored.isEmpty()) {
            return;
        }
        Set<UUID> orphans = new HashSet<>(stored);
        predictions.withImage(project, stored).forEach(orphans::remove);
        orphans.forEach(id -> images.delete(project, id));
        if (!orphans.isEmpty()) {
            LOG.infof("%d images without predictions are deleted", orphans.size());
        }
    }
}
