package dev.loupe.inference.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.contracts.Task;
import dev.loupe.inference.registry.Gate.Outcome;
import dev.loupe.storage.ObjectLocation;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GateTest {
    private final Gate gate = new Gate(0.005);

    private static ModelVersion version(int number, String testDigest, Map<String, Double> metrics) {
        return new ModelVersion(
                number,
                UUID.randomUUID(),
                new ObjectLocation("loupe", "manifest.json"),
                "0".repeat(64),
                "d",
                1,
                testDigest,
                metrics,
                "transfer",
                "scattering",
                Origin.TRAINED,
                Instant.EPOCH,
                null);
    }

    private Outcome compare(Task task, String metric, double had, double has) {
        return gate.compare(task, version(1, "t", Map.of(metric, had)), version(2, "t", Map.of(metric, has)))
                .outcome();
    }

    @Test
    void failsACandidateThatIsWorseByMoreThanTheTolerance() {
        assertEquals(Outcome.PASSED, compare(Task.CLASSIFICATION, "accuracy", 0.9, 0.95));
        assertEquals(Outcome.PASSED, compare(Task.CLASSIFICATION, "accuracy", 0.9, 0.8951));
        assertEquals(Outcome.FAILED, compare(Task.CLASSIFICATION, "accuracy", 0.9, 0.8949));
        assertEquals(Outcome.FAILED, compare(Task.CLASSIFICATION, "accuracy", 0.9, Double.NaN));
        assertEquals(Outcome.PASSED, compare(Task.ANOMALY_DETECTION, "auroc", 0.9, 0.9));
        assertEquals(Outcome.FAILED, compare(Task.ANOMALY_DETECTION, "auroc", 0.9, 0.5));
    }

    @Test
    void comparesADetectorsAccuracyToo() {
        Map<String, Double> incumbent = Map.of("auroc", 0.9, "accuracy", 0.9);
        assertEquals(Outcome.PASSED, detectors(incumbent, Map.of("auroc", 0.9, "accuracy", 0.9)));
        assertEquals(Outcome.FAILED, detectors(incumbent, Map.of("auroc", 0.99, "accuracy", 0.5)));
        assertEquals(Outcome.FAILED, detectors(incumbent, Map.of("auroc", 0.5, "accuracy", 0.99)));
        // TEST without normal images has no AUROC.
        assertEquals(Outcome.PASSED, detectors(Map.of("accuracy", 0.9), Map.of("accuracy", 0.9)));
    }

    private Outcome detectors(Map<String, Double> incumbent, Map<String, Double> candidate) {
        return gate.compare(Task.ANOMALY_DETECTION, version(1, "t", incumbent), version(2, "t", candidate))
                .outcome();
    }

    @Test
    void failsACandidateWithoutTheMetric() {
        assertEquals(
                Outcome.FAILED,
                gate.compare(
                                Task.CLASSIFICATION,
                                version(1, "t", Map.of("accuracy", 0.9)),
                                version(2, "t", Map.of("auroc", 1.0)))
                        .outcome());
    }

    @Test
    void doesNotCompareMetricsOfOtherImages() {
        Map<String, Double> worse = Map.of("accuracy", 0.1);
        Map<String, Double> better = Map.of("accuracy", 0.9);
        assertEquals(Outcome.NOT_COMPARABLE, classifiers(version(1, "t", better), version(2, "u", worse)));
        assertEquals(Outcome.NOT_COMPARABLE, classifiers(version(1, "", better), version(2, "", worse)));
        assertEquals(Outcome.NOT_COMPARABLE, classifiers(version(1, "t", Map.of()), version(2, "t", better)));
        assertEquals(
                Outcome.NOT_COMPARABLE,
                classifiers(version(1, "t", Map.of("accuracy", Double.NaN)), version(2, "t", better)));
        assertEquals(Outcome.NO_INCUMBENT, classifiers(null, version(2, "t", worse)));
    }

    private Outcome classifiers(ModelVersion incumbent, ModelVersion candidate) {
        return gate.compare(Task.CLASSIFICATION, incumbent, candidate).outcome();
    }

    @Test
    void refusesAToleranceOutsideOf0To1() {
        assertThrows(IllegalArgumentException.class, () -> new Gate(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new Gate(1.1));
    }
}
