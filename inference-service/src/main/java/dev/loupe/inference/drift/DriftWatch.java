package dev.loupe.inference.drift;

import dev.loupe.inference.drift.DriftRepository.MonitoredVersion;
import dev.loupe.inference.prediction.LogSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import org.jboss.logging.Logger;

/** Runs the drift monitor for all versions, and counts its alerts. */
@ApplicationScoped
@Startup // its metrics exist before the first alert
class DriftWatch {
    private static final Logger LOG = Logger.getLogger(DriftWatch.class);

    private final DriftRepository drift;
    private final DriftMonitor monitor;
    private final MeterRegistry metrics;
    private volatile int drifted;

    DriftWatch(DriftRepository drift, DriftMonitor monitor, MeterRegistry metrics) {
        this.drift = drift;
        this.monitor = monitor;
        this.metrics = metrics;
        Gauge.builder("loupe.drift.versions", () -> drifted)
                .description("Model versions whose last predictions have drifted")
                .register(metrics);
        for (DriftMeasure measure : DriftMeasure.values()) {
            counter(measure);
        }
    }

    private Counter counter(DriftMeasure measure) {
        return Counter.builder("loupe.drift.alerts")
                .description("Drifts that were found")
                .tag("measure", measure.name().toLowerCase(Locale.ROOT))
                .register(metrics);
    }

    @Scheduled(
            every = "${loupe.inference.drift.interval:10s}",
            delayed = "${loupe.inference.drift.interval:10s}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void watch() {
        try {
            drift.due().forEach(this::watch);
            drifted = drift.drifted();
        } catch (RuntimeException e) {
            LOG.debugf("drift is not monitored: %s", e.getMessage()); // the database is away
        }
    }

    private void watch(MonitoredVersion version) {
        DriftMonitor.Step step;
        while ((step = monitor.step(version)) != null) {
            step.alerts().forEach(measure -> counter(measure).increment());
        }
    }

    @Scheduled(
            every = "${loupe.inference.prediction-log.prune-interval:10m}",
            delayed = "${loupe.inference.prediction-log.prune-interval:10m}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void prune() {
        try {
            drift.prune(LogSettings.DEFAULT_RETENTION_DAYS);
        } catch (RuntimeException e) {
            LOG.debugf("old drift is not deleted: %s", e.getMessage()); // the database is away
        }
    }
}
