package dev.loupe.contracts.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.contracts.training.PredictionCounts.LabelCount;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PredictionCountsTest {
    private static TestResults.Image image(String sha256, String truth, String predicted) {
        return new TestResults.Image(sha256, sha256 + ".png", truth, null, predicted, 0.5, null, null);
    }

    @Test
    void bitsAreInTheOrderOfTheDigestsWhateverTheOrderOfTheResults() {
        PredictionCounts counts = PredictionCounts.of(
                List.of(image("c", "dent", "dent"), image("a", "dent", "scratch"), image("b", "scratch", "scratch")));

        assertEquals(3, counts.images());
        assertEquals(Map.of("dent", new LabelCount(2, 1), "scratch", new LabelCount(1, 1)), counts.labels());
        assertArrayEquals(new byte[] {0b110}, counts.rightImages());
    }

    @Test
    void everyImageHasABitEvenIfTheLastOnesAreWrong() {
        List<TestResults.Image> nine = IntStream.range(0, 9)
                .mapToObj(i -> image(String.valueOf(i), "dent", i == 0 ? "dent" : "scratch"))
                .toList();

        assertArrayEquals(new byte[] {1, 0}, PredictionCounts.of(nine).rightImages());
    }

    @Test
    void manyLabelsAreLeftOut() {
        List<TestResults.Image> images = IntStream.range(0, 2_001)
                .mapToObj(i -> image(String.valueOf(i), "label " + i, "label 0"))
                .toList();

        assertEquals(Map.of(), PredictionCounts.of(images).labels());
    }

    @Test
    void refusesCountsThatContradictEachOther() {
        assertThrows(IllegalArgumentException.class, () -> new LabelCount(1, 2));
        assertThrows(IllegalArgumentException.class, () -> new PredictionCounts(0, Map.of(), null));
        assertThrows(IllegalArgumentException.class, () -> new PredictionCounts(9, Map.of(), new byte[1]));
    }
}
