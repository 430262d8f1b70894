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
                Instant.EPOCH,
                null);
    }

    private Outcome compare(Task task, String metric, double had, double has) {
        return gate.compare(task, version(1, "t", Map.of(metric, had)), version(2, "t", Map.of(metric, has)))
                .outcome();
    }

    @Test
    void noMoreThanTheToleranceMayBeLost() {
        assertEquals(Outcome.PASSED, compare(Task.CLASSIFICATION, "accuracy", 0.9, 0.95));
        assertEquals(Outcome.PASSED, compare(Task.CLASSIFICATION, "accuracy", 0.9, 0.8951));
        assertEquals(Outcome.FAILED, compare(Task.CLASSIFICATION, "accuracy", 0.9, 0.8949));
        assertEquals(Outcome.PASSED, compare(Task.ANOMALY_DETECTION, "auroc", 0.9, 0.9));
        assertEquals(Outcome.FAILED, compare(Task.ANOMALY_DETECTION, "auroc", 0.9, 0.5));
    }

    @Test
    void aCandidateWithoutTheFigureIsHeldBack() {
        assertEquals(Outcome.FAILED, compare(Task.CLASSIFICATION, "accuracy", 0.9, Double.NaN));
        assertEquals(
                Outcome.FAILED,
                gate.compare(
                                Task.CLASSIFICATION,
                                version(1, "t", Map.of("accuracy", 0.9)),
                                version(2, "t", Map.of("auroc", 1.0)))
                        .outcome());
    }

    @Test
    void figuresOfOtherImagesAreNotCompared() {
        Map<String, Double> worse = Map.of("accuracy", 0.1);
        Map<String, Double> better = Map.of("accuracy", 0.9);
        assertEquals(
                Outcome.NOT_COMPARABLE,
                gate.compare(Task.CLASSIFICATION, version(1, "t", better), version(2, "u", worse))
                        .outcome());
        assertEquals(
                Outcome.NOT_COMPARABLE,
                gate.compare(Task.CLASSIFICATION, version(1, "", better), version(2, "", worse))
                        .outcome());
        assertEquals(
                Outcome.NO_HOLDER,
                gate.compare(Task.CLASSIFICATION, null, version(2, "t", worse)).outcome());
    }

    @Test
    void aToleranceOutsideOfTheScaleIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Gate(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new Gate(1.1));
    }
}
