package dev.loupe.trainer;

import dev.loupe.contracts.training.AttemptClient;
import dev.loupe.contracts.training.MetricPoint;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.vision.training.Progress;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the progress of the attempt to the service, at most once a second, and receives the request to end the
 * attempt. A service that does not answer never delays training. Thread-safe.
 */
final class Reports implements Progress, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);
    /** Phases that process images: only these have a rate. */
    private static final Set<String> BY_IMAGES =
            Set.of("fetch", "features", "threshold", "evaluate", "explain", "quantize");

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /**
     * Time without a report after which the newest one is sent again: the answer says whether the attempt was
     * cancelled.
     */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** Most points that wait for a service that does not answer; the oldest ones are dropped. */
    private static final int MAX_WAITING_POINTS = 10_000;

    private static final int MAX_FINAL_REPORTS = 1 + MAX_WAITING_POINTS / TrainerReport.MAX_POINTS;

    private final int attempt;
    private final AttemptClient service;
    private final ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("reports").daemon().factory());
    private volatile boolean cancelled;
    private volatile boolean stopping;

    // The newest state; guarded by this.
    private String phase = "fetch";
    private long done;
    private long total;
    private final Map<String, Double> metrics = new HashMap<>();
    /** What was measured and has not arrived at the service; oldest first. */
    private final Deque<MetricPoint> points = new ArrayDeque<>();

    private long phaseBegan = System.nanoTime();
    private long doneBefore;
    private long printed;
    private boolean fresh;

    // Accessed only by the sending thread. Starts at the current time, so that the numbers of a pod that takes over the
    // attempt are larger than those of the previous pod.
    private long sequence = System.currentTimeMillis();
    private long sent = System.nanoTime();
    private boolean answered = true;

    Reports(TrainerSpec spec, Settings settings) {
        this.attempt = spec.attempt();
        this.service = new AttemptClient(
                spec,
                Json.MAPPER,
                settings.unrecorded()::authorize,
                TIMEOUT,
                settings.tls().context());
        sender.scheduleWithFixedDelay(this::sendIfDue, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void report(String newPhase, long nowDone, long ofTotal, Map<String, Double> values) {
        boolean begins = !newPhase.equals(phase);
        if (begins) {
            phase = newPhase;
            phaseBegan = System.nanoTime();
            doneBefore = nowDone;
        }
        done = nowDone;
        total = ofTotal;
        Map<String, Double> finite = new HashMap<>(values);
        finite.values().removeIf(value -> value == null || !Double.isFinite(value)); // JSON has no NaN and no infinity
        if (!finite.isEmpty()) {
            metrics.putAll(finite);
            keep(finite);
        }
        fresh = true;
        boolean ends = total > 0 && done >= total;
        if (begins || ends || System.nanoTime() - printed > BETWEEN_LINES.toNanos()) {
            printed = System.nanoTime();
            LOG.info("{} {}/{} {}", phase, done, total, values);
        }
    }

    private void keep(Map<String, Double> values) {
        try {
            points.add(new MetricPoint(phase, done, Instant.now(), values));
        } catch (IllegalArgumentException e) {
            LOG.warn("not reported: {}", e.getMessage()); // a recipe's mistake must not end its training
        }
        if (points.size() > MAX_WAITING_POINTS) {
            points.remove();
        }
    }

    @Override
    public boolean cancelled() {
        return cancelled || stopping;
    }

    /** Requests the end of the process: training saves its state and stops at the next safe point. */
    void stop() {
        stopping = true;
    }

    /** Whether {@link #stop} was called. */
    boolean stopping() {
        return stopping;
    }

    /**
     * Sends the final report after the result is written, so that the service reads it now. Waits briefly for the
     * answer.
     */
    void sendFinal() {
        sender.shutdown();
        try {
            sender.awaitTermination(3, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        report("upload", 1, 1, Map.of());
        send(snapshot());
        for (int sends = 1; answered && hasPoints() && sends < MAX_FINAL_REPORTS; sends++) {
            send(snapshot());
        }
    }

    private synchronized boolean hasPoints() {
        return !points.isEmpty();
    }

    private void sendIfDue() {
        try {
            boolean due;
            synchronized (this) {
                due = fresh || answered && !points.isEmpty() || System.nanoTime() - sent > SILENCE.toNanos();
            }
            if (due) {
                send(snapshot());
            }
        } catch (RuntimeException e) {
            LOG.warn("report not sent", e); // the next report is sent all the same
        }
    }

    private synchronized TrainerReport snapshot() {
        fresh = false;
        double seconds = (System.nanoTime() - phaseBegan) / 1e9;
        long made = done - doneBefore;
        double rate = made > 0 && seconds > 0 ? made / seconds : 0;
        return new TrainerReport(
                attempt,
                ++sequence,
                Instant.now(),
                phase,
                done,
                total,
                BY_IMAGES.contains(phase) ? rate : 0,
                rate > 0 && total > 0 ? (total - done) / rate : -1,
                metrics,
                points.stream().limit(TrainerReport.MAX_POINTS).toList());
    }

    /** Drops the points of a report that has arrived. */
    private synchronized void arrived(List<MetricPoint> sentPoints) {
        for (MetricPoint point : sentPoints) {
            if (points.peek() == point) { // else it was dropped meanwhile
                points.remove();
            }
        }
    }

    private void send(TrainerReport report) {
        sent = System.nanoTime();
        try {
            boolean inProgress = service.report(report);
            arrived(report.points());
            note(true, "");
            if (!inProgress && !cancelled) {
                LOG.info("told to stop");
                cancelled = true;
            }
        } catch (IOException e) {
            note(false, e.toString());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(boolean good, String why) {
        if (answered != good) {
            LOG.info(good ? "the service answers again" : "the service does not take reports ({}), going on", why);
            answered = good;
        }
    }

    @Override
    public void close() {
        sender.shutdownNow();
        service.close();
    }
}
