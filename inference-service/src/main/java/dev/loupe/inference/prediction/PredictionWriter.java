package dev.loupe.inference.prediction;

import dev.loupe.inference.prediction.PredictionLog.Entry;
import dev.loupe.storage.StorageException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Measures the images of predictions, keeps those that are to be kept, and writes the predictions to the database. */
@ApplicationScoped
class PredictionWriter {
    private static final Logger LOG = Logger.getLogger(PredictionWriter.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final PredictionRepository predictions;
    private final PredictionImages images;
    private final Duration maxDelay;
    private final Counter written;
    private final Counter dropped;
    private final Counter unmeasured;
    /** Whether an image of these predictions could not be kept. */
    private boolean storageFails;

    PredictionWriter(
            PredictionRepository predictions,
            PredictionImages images,
            PredictionLogConfig config,
            MeterRegistry metrics) {
        this.predictions = predictions;
        this.images = images;
        this.maxDelay = config.maxDelay();
        this.written = counter(metrics, "written");
        this.dropped = counter(metrics, "dropped");
        this.unmeasured = counter(metrics, "unmeasured");
    }

    static Counter counter(MeterRegistry metrics, String outcome) {
        return Counter.builder("loupe.prediction.log")
                .description("Predictions that were to be logged")
                .tag("outcome", outcome)
                .register(metrics);
    }

    /**
     * Writes predictions. While the database is unavailable, tries again for some time, then drops them and the images
     * that were kept for them.
     *
     * @throws InterruptedException if the process ends
     */
    void write(List<Entry> entries) throws InterruptedException {
        storageFails = false;
        List<LoggedPrediction> rows = entries.stream().map(this::prepared).toList();
        boolean inserted = false;
        try {
            inserted = insert(rows);
        } finally {
            if (!inserted) {
                rows.forEach(this::deleteImage); // no row leads to it
            }
        }
    }

    /** Returns whether the rows are written. */
    private boolean insert(List<LoggedPrediction> rows) throws InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            try {
                predictions.insert(rows);
                written.increment(rows.size());
                return true;
            } catch (RuntimeException e) {
                if (System.nanoTime() - begin > maxDelay.toNanos()) {
                    LOG.warnf("%d predictions are not logged: %s", rows.size(), e.getMessage());
                    dropped.increment(rows.size());
                    return false;
                }
            }
            Thread.sleep(RETRY);
        }
    }

    private void deleteImage(LoggedPrediction prediction) {
        if (!prediction.imageKept()) {
            return;
        }
        try {
            images.delete(prediction.projectId(), prediction.id());
        } catch (RuntimeException e) {
            LOG.warnf("the image of prediction %s, which is not logged, stays: %s", prediction.id(), e.getMessage());
        }
    }

    private LoggedPrediction prepared(Entry entry) {
        LoggedPrediction prediction = entry.prediction();
        if (entry.image() == null) {
            return prediction;
        }
        Optional<MeasuredImage> measured = measured(entry.image());
        return measured.map(image -> prediction.measured(image, entry.keepImage() && kept(entry, image)))
                .orElse(prediction);
    }

    private Optional<MeasuredImage> measured(byte[] image) {
        try {
            return Optional.of(MeasuredImage.of(image));
        } catch (RuntimeException | OutOfMemoryError e) { // damaged, of no known format, or there is no memory for it
            LOG.debugf("an image is not measured: %s", e.getMessage());
            unmeasured.increment();
            return Optional.empty();
        }
    }

    private boolean kept(Entry entry, MeasuredImage image) {
        if (storageFails) {
            return false; // each attempt takes its time, and the label matters more
        }
        try {
            images.put(entry.prediction().projectId(), entry.prediction().id(), entry.image(), image.mediaType());
            return true;
        } catch (StorageException e) {
            LOG.debugf("an image is not kept: %s", e.getMessage());
            storageFails = true;
            return false;
        }
    }
}
