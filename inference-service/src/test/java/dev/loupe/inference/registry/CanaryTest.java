package dev.loupe.inference.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanaryTest {
    private static Canary canary(double weight, long seed) {
        return new Canary("production", 1, 3, 2, weight, seed, true, false);
    }

    /** Computed with Python: {@code (int.from_bytes(sha256(pack(">q", seed) + key).digest()[:8], "big") >> 11) / 2**53}. */
    @Test
    void placeOfAKeyIsThatOfTheReference() {
        assertEquals(0.6848974799809221, Canary.place(0, ""), 0);
        assertEquals(0.517924798343596, Canary.place(42, "camera-7"), 0);
        assertEquals(0.8660798851386703, Canary.place(-1, "größe"), 0);
    }

    /** Five standard deviations of the binomial distribution: exceeded by chance once in a million and a half. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 5, 25, 50, 90})
    void tenThousandKeysKeepTheWeight(double weight) {
        int n = 10_000;
        long candidates = IntStream.range(0, n)
                .filter(i -> canary(weight, 17).arm("key-" + i) == Arm.CANDIDATE)
                .count();
        double share = weight / 100;
        assertEquals(n * share, candidates, 5 * Math.sqrt(n * share * (1 - share)));
    }

    @Test
    void noKeyIsAnsweredByTheCandidateAtZeroAndEachAtAHundredPercent() {
        for (int i = 0; i < 1_000; i++) {
            assertEquals(Arm.HOLDER, canary(0, 17).arm("key-" + i));
            assertEquals(Arm.CANDIDATE, canary(100, 17).arm("key-" + i));
        }
    }

    @Test
    void largerWeightLeavesEachKeyOfTheCandidateWithIt() {
        for (int i = 0; i < 1_000; i++) {
            String key = "key-" + i;
            boolean before = false;
            for (double weight = 0; weight <= 100; weight += 12.5) {
                boolean now = canary(weight, 17).arm(key) == Arm.CANDIDATE;
                assertTrue(now || !before, key);
                before = now;
            }
        }
    }

    @Test
    void anotherSeedChoosesOtherKeys() {
        long both = IntStream.range(0, 10_000)
                .filter(i -> canary(50, 1).arm("key-" + i) == Arm.CANDIDATE)
                .filter(i -> canary(50, 2).arm("key-" + i) == Arm.CANDIDATE)
                .count();
        assertEquals(2_500, both, 5 * Math.sqrt(10_000 * 0.25 * 0.75));
    }

    @Test
    void holdsOnlyForTheGenerationThatItWasStartedAt() {
        assertTrue(canary(50, 1).holdsFor(new Alias("production", 1, 3)));
        assertFalse(canary(50, 1).holdsFor(new Alias("production", 2, 4)));
        assertFalse(new Canary("production", 2, 3, 2, 0, 1, false, false).holdsFor(new Alias("production", 1, 3)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 100.1, Double.NaN})
    void rejectsAWeightThatIsNoPercentage(double weight) {
        assertThrows(IllegalArgumentException.class, () -> canary(weight, 1));
    }
}
