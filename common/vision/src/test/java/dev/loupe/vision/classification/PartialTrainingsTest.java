package dev.loupe.vision.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PartialTrainingsTest {
    /** 64 images of one class, 17 of another. */
    private static final int[] LABELS =
            IntStream.range(0, 81).map(i -> i < 64 ? 0 : 1).toArray();

    private static final PartialTrainings PARTS = new PartialTrainings(
            new FeatureExamples(
                    IntStream.range(0, LABELS.length)
                            .mapToObj(i -> new float[] {i})
                            .toList(),
                    LABELS,
                    new Standardisation(new float[] {0}, new float[] {1})),
            null,
            2,
            5);

    private static Set<Integer> chosen(int repeat, int divisor) {
        return Arrays.stream(PARTS.chosen(repeat, divisor)).boxed().collect(Collectors.toSet());
    }

    @Test
    void eachPartHasItsShareOfEachClass() {
        List<Integer> first = List.of(8, 16, 32, 64);
        List<Integer> second = List.of(3, 5, 9, 17);
        for (int part = 0; part < 4; part++) {
            Set<Integer> chosen = chosen(1, PartialTrainings.DIVISORS.get(part));
            assertEquals(
                    first.get(part).longValue(),
                    chosen.stream().filter(i -> LABELS[i] == 0).count());
            assertEquals(
                    second.get(part).longValue(),
                    chosen.stream().filter(i -> LABELS[i] == 1).count());
        }
    }

    @Test
    void aPartContainsTheSmallerOnesOfItsRepeat() {
        for (int part = 1; part < 4; part++) {
            Set<Integer> larger = chosen(2, PartialTrainings.DIVISORS.get(part));
            assertTrue(larger.containsAll(chosen(2, PartialTrainings.DIVISORS.get(part - 1))));
        }
    }

    @Test
    void repeatsHaveOtherImages() {
        assertNotEquals(chosen(0, 8), chosen(1, 8));
        assertEquals(chosen(0, 1), chosen(1, 1));
    }
}
