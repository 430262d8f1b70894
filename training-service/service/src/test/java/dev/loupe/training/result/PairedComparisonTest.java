package dev.loupe.training.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.training.result.PairedComparison.Difference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedComparisonTest {
    /** The expected values are those of statsmodels 0.15.0: {@code mcnemar(table, exact=True)}. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 1.0",
        "1, 0, 1.0",
        "3, 9, 0.14599609375",
        "9, 3, 0.14599609375",
        "7, 7, 1.0",
        "25, 60, 0.00018679938527835335",
        "400, 300, 0.0001784763144856244",
        "12000, 12500, 0.0014321425048026506",
        "0, 2000, 0.0"
    })
    void mcNemarIsStatsmodels(int onlyFirst, int onlySecond, double expected) {
        assertEquals(expected, McNemar.pValue(onlyFirst, onlySecond), 1e-9 * Math.max(expected, 1e-3));
    }

    /**
     * numpy gives [-0.06, 0.12] from 100,000 resamples within each label: 60 images with 10 and 3 of one model alone, 40
     * with 2 and 6. The differences are hundredths, so 1000 resamples can be off by one.
     */
    @Test
    void intervalOfTheDifferenceIsThatOfAnotherBootstrap() {
        List<Integer> differences = new ArrayList<>();
        differences.addAll(Collections.nCopies(10, 1));
        differences.addAll(Collections.nCopies(3, -1));
        differences.addAll(Collections.nCopies(47, 0));
        differences.addAll(Collections.nCopies(2, 1));
        differences.addAll(Collections.nCopies(6, -1));
        differences.addAll(Collections.nCopies(32, 0));
        List<String> truths = new ArrayList<>(Collections.nCopies(60, "a"));
        truths.addAll(Collections.nCopies(40, "b"));

        Difference difference = PairedComparison.difference(
                truths, differences.stream().mapToInt(i -> i).toArray());
        assertEquals(0.03, difference.value(), 1e-12);
        assertEquals(-0.06, difference.low(), 0.0101);
        assertEquals(0.12, difference.high(), 0.0101);
    }

    @Test
    void equalPredictionsHaveNoDifference() {
        Difference none = PairedComparison.difference(List.of("a", "b"), new int[2]);
        assertEquals(new Difference(0, 0, 0), none);
        assertTrue(McNemar.pValue(0, 0) == 1);
    }
}
