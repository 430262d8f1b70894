package dev.loupe.inference.prediction;

import dev.loupe.inference.prediction.PredictionRepository.StoredImage;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Deletes predictions that are older than the retention of their project, and those of deleted projects. */
@ApplicationScoped
class PredictionRetention {
    private static final Logger LOG = Logger.getLogger(PredictionRetention.class);
    private static final int BATCH = 500;

    private final PredictionRepository predictions;
    private final LogSettingsRepository settings;
    private final PredictionImages images;

    PredictionRetention(PredictionRepository predictions, LogSettingsRepository settings, PredictionImages images) {
        this.predictions = predictions;
        this.settings = settings;
        this.images = images;
    }

    @Scheduled(
            every = "${loupe.inference.prediction-log.prune-interval:10m}",
            delayed = "${loupe.inference.prediction-log.prune-interval:10m}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void prune() {
        try {
            prune(Instant.now());
        } catch (RuntimeException e) {
            LOG.warnf("old predictions are not deleted: %s", e.getMessage()); // the database or the storage is away
        }
    }

    /** Deletes what is too old at this time. */
    void prune(Instant now) {
        Map<UUID, LogSettings> all = settings.all();
        for (UUID project : predictions.projects()) {
            Duration retention =
                    all.getOrDefault(project, LogSettings.standard()).retention();
            // A deleted project has no retention. Some time is left to replicas that do not know of the deletion yet.
            prune(project, now.minus(predictions.exists(project) ? retention : Duration.ofMinutes(1)));
        }
    }

    private void prune(UUID project, Instant end) {
        List<StoredImage> old;
        do {
            old = predictions.oldest(project, PredictionIds.first(end), BATCH);
            // The images first: a row that remains after a failure leads to them the next time.
            old.stream().filter(StoredImage::imageKept).forEach(one -> images.delete(project, one.id()));
            predictions.delete(project, old.stream().map(StoredImage::id).toList());
        } while (old.size() == BATCH);
    }
}
