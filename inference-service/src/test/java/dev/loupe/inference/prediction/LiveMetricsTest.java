package dev.loupe.inference.prediction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.loupe.contracts.Task;
import dev.loupe.inference.prediction.LiveMetrics.Cell;
import dev.loupe.inference.prediction.LiveMetrics.Outcome;
import dev.loupe.inference.prediction.LiveMetrics.Rate;
import dev.loupe.inference.prediction.LiveMetrics.VersionMetrics;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveMetricsTest {
    private static final Instant MONDAY = Instant.parse("2026-11-23T00:00:00Z");
    private static final Instant TUESDAY = Instant.parse("2026-11-24T00:00:00Z");

    /** The reference: SciPy's binomtest; src/test/python/drift_reference.py prints it. */
    @Test
    void intervalIsWilsons() {
        assertInterval(9, 10, 0.5958499732047615, 0.9821237869049271);
        assertInterval(0, 20, 0, 0.16112515805281935);
        assertInterval(380, 400, 0.9240363649362804, 0.9674025701628528);
        assertInterval(3, 3, 0.4385029682449546, 1);
        assertNull(Rate.of(0, 0));
    }

    private static void assertInterval(long count, long predictions, double lower, double upper) {
        Rate rate = Rate.of(count, predictions);
        assertEquals(lower, rate.lower(), 1e-9);
        assertEquals(upper, rate.upper(), 1e-9);
        assertEquals((double) count / predictions, rate.rate(), 1e-15);
    }

    private static LiveMetrics metrics(Task task, Outcome... outcomes) {
        return LiveMetrics.of(MONDAY, TUESDAY, task, List.of(outcomes));
    }

    @Test
    void detectorHasFalseAlarmsOfNormalAndMissesOfAbnormalImages() {
        VersionMetrics version = metrics(
                        Task.ANOMALY_DETECTION,
                        new Outcome(1, MONDAY, "normal", "normal", 90),
                        new Outcome(1, MONDAY, "abnormal", "normal", 10),
                        new Outcome(1, MONDAY, "abnormal", "abnormal", 15),
                        new Outcome(1, MONDAY, "normal", "abnormal", 5),
                        new Outcome(1, MONDAY, "normal", null, 1_000))
                .versions()
                .getFirst();
        assertEquals(1_120, version.rates().predictions());
        assertEquals(105 / 120.0, version.rates().accuracy().rate(), 1e-15);
        assertEquals(10, version.rates().falseAlarms().count());
        assertEquals(100, version.rates().falseAlarms().predictions());
        assertEquals(5, version.rates().misses().count());
        assertEquals(20, version.rates().misses().predictions());
        assertEquals(
                List.of(
                        new Cell("abnormal", "abnormal", 15),
                        new Cell("abnormal", "normal", 5),
                        new Cell("normal", "abnormal", 10),
                        new Cell("normal", "normal", 90)),
                version.confusion());
    }

    @Test
    void versionsAndDaysAreSeparate() {
        LiveMetrics metrics = metrics(
                Task.CLASSIFICATION,
                new Outcome(1, MONDAY, "red", "red", 2),
                new Outcome(2, MONDAY, "red", "blue", 1),
                new Outcome(2, TUESDAY, "red", "red", 3),
                new Outcome(2, TUESDAY, "red", null, 4));
        assertEquals(
                List.of(2, 1),
                metrics.versions().stream().map(VersionMetrics::version).toList());
        VersionMetrics second = metrics.versions().getFirst();
        assertEquals(0.75, second.rates().accuracy().rate(), 1e-15);
        assertNull(second.rates().falseAlarms());
        assertEquals(
                List.of(MONDAY, TUESDAY),
                second.days().stream().map(LiveMetrics.Day::day).toList());
        assertEquals(0, second.days().getFirst().rates().accuracy().rate(), 1e-15);
        assertEquals(1, second.days().getLast().rates().accuracy().rate(), 1e-15);
        assertEquals(7, second.days().getLast().rates().predictions());
    }
}
