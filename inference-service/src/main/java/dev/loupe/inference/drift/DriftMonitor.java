package dev.loupe.inference.drift;

import dev.loupe.events.v1.DriftDetected;
import dev.loupe.inference.drift.DriftRepository.MonitoredVersion;
import dev.loupe.inference.drift.DriftRepository.Progress;
import dev.loupe.inference.drift.DriftRepository.Window;
import dev.loupe.inference.prediction.LoggedPrediction;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/** Takes in logged predictions, in windows, and tests each for drift. */
@ApplicationScoped
class DriftMonitor {
    private static final Logger LOG = Logger.getLogger(DriftMonitor.class);
    private static final String TOPIC = "loupe.models";
    private static final String TYPE = "dev.loupe.drift-detected.v1";

    private final DriftRepository drift;
    private final Outbox outbox;
    private final Duration delay;

    DriftMonitor(DriftRepository drift, Outbox outbox, DriftConfig config) {
        this.drift = drift;
        this.outbox = outbox;
        this.delay = config.delay();
    }

    /** What was taken in: measures whose drift was found in it, null if there are not enough predictions. */
    record Step(Set<DriftMeasure> alerts) {}

    /** Takes in the reference or the next window of a version. Returns null if there are not enough predictions. */
    @Transactional
    Step step(MonitoredVersion version) {
        Progress progress = drift.lock(version).orElse(null);
        if (progress == null) {
            return null; // another replica does it
        }
        Map<DriftMeasure, double[]> reference = drift.reference(version.projectId(), version.version());
        int size = reference.isEmpty() ? DriftTest.REFERENCE : DriftTest.WINDOW;
        List<LoggedPrediction> predictions = drift.next(version, progress.position(), delay, size);
        if (predictions.size() < size) {
            return null;
        }
        Map<DriftMeasure, double[]> values = DriftTest.values(predictions);
        if (reference.isEmpty()) {
            drift.setReference(version, values);
            drift.advance(version, new Progress(predictions.getLast().id(), 0));
            return new Step(Set.of());
        }
        List<Window> before = drift.windows(version.projectId(), version.version(), 1);
        Window window = Window.of(version, predictions, DriftTest.test(reference, values));
        drift.add(window);
        drift.advance(version, new Progress(window.lastId(), progress.windows() + 1));
        Set<DriftMeasure> alerts = new HashSet<>(window.driftedMeasures());
        before.forEach(last -> last.driftedMeasures().forEach(alerts::remove));
        window.tests().stream()
                .filter(test -> alerts.contains(test.measure()))
                .forEach(test -> announce(version, window, test));
        return new Step(alerts);
    }

    private void announce(MonitoredVersion version, Window window, DriftTest.Outcome test) {
        LOG.warnf(
                "model '%s' version %d: %s drifts: median %.4g, in the reference %.4g, p-value %.2g",
                version.project(),
                version.version(),
                test.measure(),
                test.median(),
                test.referenceMedian(),
                test.pValue());
        outbox.add(
                TOPIC,
                version.projectId().toString(),
                TYPE,
                DriftDetected.newBuilder()
                        .setProjectId(version.projectId().toString())
                        .setProjectName(version.project())
                        .setVersion(version.version())
                        .setMeasure(test.measure().name())
                        .setStatistic(test.statistic())
                        .setPValue(test.pValue())
                        .setMedian(test.median())
                        .setReferenceMedian(test.referenceMedian())
                        .setFirstPredictionId(window.firstId().toString())
                        .setLastPredictionId(window.lastId().toString())
                        .build()
                        .toByteArray());
    }
}
