package dev.loupe.inference.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.inference.traffic.RolloutAnalysis.Outcome;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RolloutAnalysisTest {
    private static final long MILLI = 1_000_000;

    private static RolloutPlan plan(int minRequests, double maxErrorRate, Double maxP99, Double maxDisagreement) {
        return new RolloutPlan(null, null, minRequests, maxErrorRate, maxP99, maxDisagreement);
    }

    private static ArmCount count(long answered, long failed) {
        return new ArmCount(answered, failed, Map.of(Latency.bucket(10.0 * MILLI), answered));
    }

    private static Outcome of(RolloutPlan plan, ArmCount count, ShadowCounts shadow) {
        return new RolloutAnalysis(plan).check(count, shadow).outcome();
    }

    /** Without a failure, the upper limit is 1 - 0.025^(1/n): 0.01 from 368 requests on. */
    @Test
    void errorRateNeedsAsManyRequestsAsItsIntervalDemands() {
        RolloutPlan plan = plan(10, 0.01, null, null);
        assertEquals(Outcome.INCONCLUSIVE, of(plan, count(367, 0), ShadowCounts.NONE));
        assertEquals(Outcome.PASS, of(plan, count(368, 0), ShadowCounts.NONE));
    }

    /** If all fail, the lower limit is 0.025^(1/n): 0.158 of two, 0.398 of four. */
    @Test
    void errorRateFailsOnlyWhenItsIntervalLiesAboveTheBound() {
        assertEquals(Outcome.INCONCLUSIVE, of(plan(1, 0.2, null, null), count(0, 2), ShadowCounts.NONE));
        assertEquals(Outcome.FAIL, of(plan(1, 0.2, null, null), count(0, 4), ShadowCounts.NONE));
    }

    @Test
    void failureIsFoundBeforeThereAreEnoughRequests() {
        assertEquals(Outcome.FAIL, of(plan(1_000, 0.01, null, null), count(0, 20), ShadowCounts.NONE));
    }

    @Test
    void noRequestsAreInconclusive() {
        RolloutAnalysis analysis = new RolloutAnalysis(plan(1, 1, 100.0, null));
        assertEquals(
                Outcome.INCONCLUSIVE,
                analysis.check(ArmCount.NONE, ShadowCounts.NONE).outcome());
        assertTrue(analysis.check(ArmCount.NONE, ShadowCounts.NONE).message().contains("nothing was counted"));
    }

    private static ArmCount count(long fast, long slow, long slowMillis) {
        return new ArmCount(
                fast + slow,
                0,
                Map.of(Latency.bucket(10.0 * MILLI), fast, Latency.bucket((double) slowMillis * MILLI), slow));
    }

    /**
     * The share of answers slower than the bound is at most 0.01 with its interval. Computed by
     * bisection of the binomial distribution: 5 of 100 is 0.0164 to 0.1128, 2 of 100 is 0.0024 to 0.0704, 2 of 1000 is
     * 0.0002 to 0.0072.
     */
    @Test
    void percentileIsDecidedByTheIntervalOfSlowerAnswers() {
        RolloutPlan plan = plan(100, 0.5, 100.0, null);
        assertEquals(Outcome.FAIL, of(plan, count(95, 5, 500), ShadowCounts.NONE));
        assertEquals(Outcome.INCONCLUSIVE, of(plan, count(98, 2, 500), ShadowCounts.NONE));
        assertEquals(Outcome.PASS, of(plan, count(998, 2, 500), ShadowCounts.NONE));
        assertEquals(Outcome.PASS, of(plan(100, 0.5, 600.0, null), count(500, 5, 500), ShadowCounts.NONE));
    }

    @Test
    void messageOfThePercentileNamesTheSlowerAnswers() {
        String message = new RolloutAnalysis(plan(100, 0.5, 100.0, null))
                .check(count(95, 5, 500), ShadowCounts.NONE)
                .message();
        assertTrue(message.contains("5 of 100 answers slower than 100.0 ms (95 % interval 0.0164 to 0.1128)"), message);
    }

    @Test
    void disagreementIsBoundedAndNeedsImages() {
        RolloutPlan plan = plan(1, 0.5, null, 0.1);
        ArmCount good = count(1_000, 0);
        assertEquals(Outcome.INCONCLUSIVE, of(plan, good, ShadowCounts.NONE));
        assertEquals(Outcome.PASS, of(plan, good, new ShadowCounts(1_000, 50, 0, 0)));
        assertEquals(Outcome.FAIL, of(plan, good, new ShadowCounts(1_000, 200, 0, 0)));
        assertEquals(Outcome.FAIL, of(plan, good, new ShadowCounts(800, 0, 200, 0)));
    }

    @Test
    void percentileIsTooLargeByNineHundredthsAtMost() {
        for (long micros : new long[] {1, 2, 17, 999, 10_000, 123_456, 60_000_000}) {
            double found = Latency.millis(Map.of(Latency.bucket(micros * 1_000), 5L), 0.99);
            assertTrue(found >= micros / 1e3 * 0.999_999 && found <= micros / 1e3 * 1.0906, micros + " " + found);
        }
    }

    @Test
    void percentileIsTheSmallestThatEnoughDurationsReach() {
        Map<Integer, Long> buckets =
                Map.of(Latency.bucket(MILLI), 98L, Latency.bucket(100 * MILLI), 1L, Latency.bucket(900 * MILLI), 1L);
        assertEquals(100, Latency.millis(buckets, 0.99), 9.1);
        assertEquals(1, Latency.millis(buckets, 0.98), 0.091);
    }

    @Test
    void rejectsStepsThatDoNotIncreaseAndRatesOutsideOfZeroToOne() {
        for (List<Double> steps :
                List.of(List.<Double>of(), List.of(0.0, 5.0), List.of(25.0, 5.0), List.of(5.0, 5.0), List.of(101.0))) {
            assertEquals(
                    ErrorCode.ROLLOUT_INVALID,
                    assertThrows(ServiceException.class, () -> new RolloutPlan(steps, null, null, null, null, null))
                            .code());
        }
        assertThrows(ServiceException.class, () -> plan(1, 1.1, null, null));
        assertThrows(ServiceException.class, () -> plan(0, 0.1, null, null));
        assertThrows(ServiceException.class, () -> plan(1, 0.1, -1.0, null));
    }
}
