package dev.loupe.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ClopperPearsonTest {
    /** The reference: limits at which the binomial sums are 0.025, found by bisection of the sums themselves. */
    @Test
    void intervalIsThatOfTheBinomialSums() {
        assertInterval(5, 10, 0.187086028447, 0.812913971553);
        assertInterval(1, 20, 0.001265089498, 0.248732762772);
        assertInterval(2, 40, 0.006113646599, 0.169196863959);
        assertInterval(0, 10, 0, 0.308497107819); // 1 - 0.025^(1/10)
        assertInterval(10, 10, 0.691502892181, 1);
    }

    private static void assertInterval(int events, int trials, double lower, double upper) {
        ClopperPearson.Interval interval = ClopperPearson.interval(events, trials, 0.95);
        assertEquals(lower, interval.lower(), 1e-9);
        assertEquals(upper, interval.upper(), 1e-9);
    }

    /** By hand: ln(1 - confidence) / ln(1 - rate) is 298.07, 58.40, 113.97, 4602.87 and exactly 2. */
    @Test
    void trialsNeededAreThoseOfTheLogarithms() {
        assertEquals(299, ClopperPearson.trialsNeeded(0.01, 0.95));
        assertEquals(59, ClopperPearson.trialsNeeded(0.05, 0.95));
        assertEquals(114, ClopperPearson.trialsNeeded(0.02, 0.9));
        assertEquals(4603, ClopperPearson.trialsNeeded(0.001, 0.99));
        assertEquals(2, ClopperPearson.trialsNeeded(0.5, 0.75));
    }

    /** Sums of 400 trials with a rate of 0.02: at most 3 events have a probability of 0.0410, at most 4 of 0.0973. */
    @Test
    void upperLimitIsAtMostTheRateWhileTheBinomialSumIsSmall() {
        assertTrue(ClopperPearson.isAtMost(0.02, 3, 400, 0.95));
        assertFalse(ClopperPearson.isAtMost(0.02, 4, 400, 0.95));
        assertTrue(ClopperPearson.isAtMost(0.01, 0, 299, 0.95));
        assertFalse(ClopperPearson.isAtMost(0.01, 0, 298, 0.95));
        assertFalse(ClopperPearson.isAtMost(0.9, 1, 1, 0.5));
    }
}
