package dev.loupe.inference.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Task;
import dev.loupe.inference.registry.Gate.Measured;
import dev.loupe.inference.registry.Gate.Outcome;
import dev.loupe.inference.registry.Gate.Verdict;
import dev.loupe.inference.registry.PromotionCheck.Kind;
import dev.loupe.inference.registry.PromotionPolicy.Comparison;
import dev.loupe.inference.registry.TestEvidence.LabelCount;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class GateTest {
    private static final PromotionPolicy DEFAULT = PromotionPolicy.standard().withTolerance(0.005);

    private static Measured version(int number, String testDigest, Map<String, Double> metrics) {
        return new Measured(number, 1, testDigest, metrics, null);
    }

    private static Verdict check(PromotionPolicy policy, Task task, Measured incumbent, Measured candidate) {
        return new Gate(policy).check(new Model(UUID.randomUUID(), "parts", task), incumbent, candidate);
    }

    private static Outcome compare(Task task, String metric, double had, double has) {
        return check(DEFAULT, task, version(1, "t", Map.of(metric, had)), version(2, "t", Map.of(metric, has)))
                .outcome();
    }

    /** A version that is right on the images from one number to another, of all images. */
    private static Measured right(int number, int images, int from, int to) {
        BitSet right = new BitSet();
        right.set(from, to);
        byte[] bytes = new byte[(images + 7) / 8];
        System.arraycopy(right.toByteArray(), 0, bytes, 0, right.toByteArray().length);
        return new Measured(
                number,
                1,
                "t",
                Map.of("accuracy", (to - from) / (double) images),
                new TestEvidence(
                        UUID.randomUUID(), "t", images, Map.of("scratch", new LabelCount(images, to - from)), bytes));
    }

    private static PromotionPolicy policy(
            Map<String, Double> metricFloors, Map<String, Double> recallFloors, int images, Comparison comparison) {
        return new PromotionPolicy(metricFloors, recallFloors, images, comparison, 0.005, false);
    }

    @Test
    void failsACandidateThatIsWorseByMoreThanTheTolerance() {
        assertEquals(Outcome.PASSED, compare(Task.CLASSIFICATION, "accuracy", 0.9, 0.95));
        assertEquals(Outcome.PASSED, compare(Task.CLASSIFICATION, "accuracy", 0.9, 0.8951));
        assertEquals(Outcome.FAILED, compare(Task.CLASSIFICATION, "accuracy", 0.9, 0.8949));
        assertEquals(Outcome.INCONCLUSIVE, compare(Task.CLASSIFICATION, "accuracy", 0.9, Double.NaN));
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

    private static Outcome detectors(Map<String, Double> incumbent, Map<String, Double> candidate) {
        return check(DEFAULT, Task.ANOMALY_DETECTION, version(1, "t", incumbent), version(2, "t", candidate))
                .outcome();
    }

    @Test
    void aMetricThatOnlyOneVersionHasIsInconclusive() {
        assertEquals(Outcome.INCONCLUSIVE, detectors(Map.of("auroc", 0.9, "accuracy", 0.9), Map.of("accuracy", 0.99)));
        assertEquals(Outcome.INCONCLUSIVE, detectors(Map.of("accuracy", 0.9), Map.of("auroc", 0.99, "accuracy", 0.99)));
        PromotionCheck check = check(
                        DEFAULT,
                        Task.CLASSIFICATION,
                        version(1, "t", Map.of("accuracy", 0.9)),
                        version(2, "t", Map.of("auroc", 1.0)))
                .checks()
                .getFirst();
        assertEquals(PromotionCheck.Outcome.INCONCLUSIVE, check.outcome());
        assertEquals(
                "evaluate version 2 on dataset version 1 first: ./loupe evaluate parts 2 --on 1 --wait",
                check.remedy());
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

    private static Outcome classifiers(Measured incumbent, Measured candidate) {
        return check(DEFAULT, Task.CLASSIFICATION, incumbent, candidate).outcome();
    }

    @Test
    void checksFloorsOfANewAliasToo() {
        PromotionPolicy policy = policy(Map.of("accuracy", 0.9), Map.of("scratch", 0.95), 100, Comparison.POINT);
        Verdict passed = check(policy, Task.CLASSIFICATION, null, right(1, 100, 0, 95));
        assertEquals(Outcome.PASSED, passed.outcome());
        assertEquals(
                List.of(Kind.METRIC_FLOOR, Kind.RECALL_FLOOR, Kind.TEST_IMAGES),
                passed.checks().stream().map(PromotionCheck::kind).toList());
        Verdict failed = check(policy, Task.CLASSIFICATION, null, right(1, 99, 0, 90));
        assertEquals(Outcome.FAILED, failed.outcome());
        assertEquals(
                List.of(PromotionCheck.Outcome.PASS, PromotionCheck.Outcome.FAIL, PromotionCheck.Outcome.FAIL),
                failed.checks().stream().map(PromotionCheck::outcome).toList());
        assertEquals("0.9091 (90 of 99 TEST images)", failed.checks().get(1).found());
        assertEquals("99 TEST images", failed.checks().get(2).found());
    }

    @Test
    void doesNotProposeAnEvaluationWhereOneExistsThatCannotHelp() {
        PromotionCheck floor = check(
                        policy(Map.of(), Map.of("dent", 0.5), 0, Comparison.POINT),
                        Task.CLASSIFICATION,
                        null,
                        right(1, 100, 0, 90))
                .checks()
                .getFirst();
        assertEquals(PromotionCheck.Outcome.INCONCLUSIVE, floor.outcome());
        assertEquals(
                "no counts of this label: expected TEST images with it, or a policy without this floor",
                floor.remedy());
        TestEvidence many = new TestEvidence(UUID.randomUUID(), "t", 100, Map.of(), null);
        PromotionCheck pairs = check(
                        policy(Map.of(), Map.of(), 0, Comparison.INTERVAL),
                        Task.CLASSIFICATION,
                        new Measured(1, 1, "t", Map.of("accuracy", 0.9), many),
                        new Measured(2, 1, "t", Map.of("accuracy", 0.9), many))
                .checks()
                .getFirst();
        assertEquals(PromotionCheck.Outcome.INCONCLUSIVE, pairs.outcome());
        assertTrue(pairs.remedy().startsWith("predictions for each image are not kept"), pairs.remedy());
    }

    @Test
    void missingEvidenceIsInconclusive() {
        Measured without = version(1, "t", Map.of("accuracy", 1.0));
        for (PromotionPolicy policy : List.of(
                policy(Map.of("macroF1", 0.1), Map.of(), 0, Comparison.POINT),
                policy(Map.of(), Map.of("scratch", 0.0), 0, Comparison.POINT),
                policy(Map.of(), Map.of(), 1, Comparison.POINT))) {
            assertEquals(
                    Outcome.INCONCLUSIVE,
                    check(policy, Task.CLASSIFICATION, null, without).outcome());
        }
        assertEquals(
                Outcome.INCONCLUSIVE,
                check(
                                policy(Map.of(), Map.of(), 0, Comparison.INTERVAL),
                                Task.CLASSIFICATION,
                                without,
                                right(2, 100, 0, 100))
                        .outcome());
        // A label without TEST images.
        assertEquals(
                Outcome.INCONCLUSIVE,
                check(
                                policy(Map.of(), Map.of("dent", 0.0), 0, Comparison.POINT),
                                Task.CLASSIFICATION,
                                null,
                                right(1, 100, 0, 100))
                        .outcome());
    }

    @Test
    void anIntervalAroundTheToleranceIsInconclusive() {
        PromotionPolicy policy = policy(Map.of(), Map.of(), 0, Comparison.INTERVAL);
        // Differences of 1000 images: none (0 and 0), 2 % (30 and 10), -5.5 % (5 and 60).
        assertEquals(Outcome.PASSED, intervals(policy, right(1, 1000, 0, 900), right(2, 1000, 0, 900)));
        assertEquals(Outcome.PASSED, intervals(policy, right(1, 1000, 30, 910), right(2, 1000, 0, 900)));
        assertEquals(Outcome.FAILED, intervals(policy, right(1, 1000, 5, 900), right(2, 1000, 0, 840)));
        // Better by one image of 8, which says little.
        assertEquals(Outcome.INCONCLUSIVE, intervals(policy, right(1, 8, 1, 8), right(2, 8, 0, 8)));
        assertEquals(
                Outcome.PASSED,
                intervals(policy(Map.of(), Map.of(), 0, Comparison.POINT), right(1, 8, 1, 8), right(2, 8, 0, 8)));
    }

    private static Outcome intervals(PromotionPolicy policy, Measured incumbent, Measured candidate) {
        return check(policy, Task.CLASSIFICATION, incumbent, candidate).outcome();
    }

    @Test
    void namesTheImagesThatOnlyOneVersionIsRightOn() {
        String found = check(DEFAULT, Task.CLASSIFICATION, right(1, 1000, 30, 910), right(2, 1000, 0, 900))
                .checks()
                .getFirst()
                .found();
        assertTrue(
                found.startsWith("0.9000, version 1 has 0.8800; of 1000 images 30 only version 2 predicts rightly, 10 "
                        + "only version 1, 95 % interval of the difference 0.0073 to 0.0326"),
                found);
    }

    /** Bonett and Price (2012): p = (n12 + 1, n21 + 1) / (n + 2), calculated by hand from the formula. */
    @Test
    void intervalIsThatOfBonettAndPrice() {
        interval(100, 12, 5, -0.014065, 0.151320);
        interval(20, 0, 0, -0.125991, 0.125991);
        interval(1000, 5, 60, -0.070536, -0.039244);
    }

    private static void interval(int images, int onlyCandidate, int onlyIncumbent, double low, double high) {
        PairedDifference difference = new PairedDifference(images, onlyCandidate, onlyIncumbent);
        assertEquals(low, difference.low(), 1e-6);
        assertEquals(high, difference.high(), 1e-6);
    }

    @Test
    void refusesAPolicyThatCannotHold() {
        assertThrows(IllegalArgumentException.class, () -> new Gate(PromotionPolicy.standard()));
        invalid(() -> policy(Map.of("logLoss", 0.1), Map.of(), 0, Comparison.POINT));
        invalid(() -> policy(Map.of("accuracy", Double.NaN), Map.of(), 0, Comparison.POINT));
        invalid(() -> policy(Map.of(" ", 0.1), Map.of(), 0, Comparison.POINT));
        invalid(() -> policy(Map.of(), Map.of("scratch", 1.1), 0, Comparison.POINT));
        invalid(() -> new PromotionPolicy(null, null, null, null, Double.NaN, false));
        invalid(() -> new PromotionPolicy(
                IntStream.range(0, 51).boxed().collect(Collectors.toMap(i -> "m" + i, _ -> 0.5)),
                null,
                null,
                null,
                null,
                false));
    }

    private static void invalid(Executable policy) {
        assertEquals(
                ErrorCode.POLICY_INVALID,
                assertThrows(ServiceException.class, policy).code());
    }
}
