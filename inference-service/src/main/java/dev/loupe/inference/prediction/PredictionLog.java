package dev.loupe.inference.prediction;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Logs predictions without slowing them: a bounded queue, and one thread that measures their images and writes them in
 * batches. If the queue is full, a prediction is not logged; if the memory for images is full, it is logged without
 * measures. Both are counted. Thread-safe.
 */
@ApplicationScoped
@Startup // its counters exist before the first prediction
public class PredictionLog {
    private static final Logger LOG = Logger.getLogger(PredictionLog.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration SHUTDOWN = Duration.ofSeconds(5);

    private final ProjectLogging logging;
    private final PredictionWriter writer;
    private final BlockingQueue<Entry> queue;
    private final AtomicLong imageMemory;
    private final int batch;
    private final Counter dropped;
    private final Counter unmeasured;
    private final Thread thread;
    private volatile boolean open = true;

    /**
     * A prediction that waits to be written.
     *
     * @param image a copy of the encoded image, null for none
     * @param keepImage whether it is written to object storage
     */
    record Entry(LoggedPrediction prediction, byte[] image, boolean keepImage) {
        int imageBytes() {
            return image == null ? 0 : image.length;
        }
    }

    PredictionLog(ProjectLogging logging, PredictionWriter writer, PredictionLogConfig config, MeterRegistry metrics) {
        this.logging = logging;
        this.writer = writer;
        this.queue = new ArrayBlockingQueue<>(config.queue());
        this.imageMemory = new AtomicLong(config.imageMemory().asLongValue());
        this.batch = config.batch();
        this.dropped = PredictionWriter.counter(metrics, "dropped");
        this.unmeasured = PredictionWriter.counter(metrics, "unmeasured");
        this.thread = Thread.ofPlatform().name("prediction-log").daemon().start(this::write);
    }

    /** Whether any predictions of a project are logged. */
    public boolean isOn(UUID projectId) {
        return logging.of(projectId).mode() != LogSettings.Mode.OFF;
    }

    /** Draws whether one of the predictions of a project is logged. */
    public boolean draws(UUID projectId) {
        return logging.of(projectId).includes(ThreadLocalRandom.current().nextDouble());
    }

    /**
     * Logs predictions that were drawn. Returns at once.
     *
     * @param version number of the model version
     * @param latency time from the arrival of the request to its answer
     */
    public void add(UUID projectId, int version, Duration latency, List<AnsweredImage> images) {
        LogSettings settings = logging.of(projectId);
        for (AnsweredImage image : images) {
            LoggedPrediction prediction = LoggedPrediction.of(projectId, version, latency.toNanos() / 1e6, image);
            add(new Entry(prediction, copy(image.image()), settings.keepImages()));
        }
    }

    private void add(Entry entry) {
        if (!queue.offer(entry)) {
            imageMemory.addAndGet(entry.imageBytes());
            dropped.increment();
        }
    }

    /** Copies an image, because it may be a part of a much larger message. Null without memory for it. */
    private byte[] copy(ByteString image) {
        if (image == null) {
            return null;
        }
        if (imageMemory.addAndGet(-image.size()) < 0) {
            imageMemory.addAndGet(image.size());
            unmeasured.increment();
            return null;
        }
        try {
            return image.toByteArray();
        } catch (OutOfMemoryError e) {
            imageMemory.addAndGet(image.size());
            unmeasured.increment();
            return null;
        }
    }

    private void write() {
        List<Entry> taken = new ArrayList<>(batch);
        while (open || !queue.isEmpty()) {
            try {
                Entry first = queue.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
                if (first != null) {
                    taken.add(first);
                    queue.drainTo(taken, batch - 1);
                    writer.write(taken);
                }
            } catch (InterruptedException _) {
                return; // the process ends
            } catch (RuntimeException | OutOfMemoryError e) { // later ones may be logged
                dropped.increment(taken.size());
                LOG.error("predictions are not logged", e);
            } finally {
                taken.forEach(entry -> imageMemory.addAndGet(entry.imageBytes()));
                taken.clear();
            }
        }
    }

    /** Writes what waits, if it can be written soon. */
    void close(@Observes ShutdownEvent event) throws InterruptedException {
        open = false;
        thread.join(SHUTDOWN);
        thread.interrupt();
    }
}
