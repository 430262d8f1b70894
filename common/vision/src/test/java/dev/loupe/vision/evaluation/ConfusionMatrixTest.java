package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The expected values were computed with scikit-learn 1.9.1 on the same 150 pairs. */
class ConfusionMatrixTest {
    private static final double EXACT = 1e-12;

    private static ConfusionMatrix drawn() {
        int[] truth = new int[150];
        int[] predicted = new int[truth.length];
        long state = 777;
        for (int i = 0; i < truth.length; i++) {
            state = BinaryMetricsTest.next(state);
            truth[i] = (int) ((state >> 16) % 5);
            state = BinaryMetricsTest.next(state);
            predicted[i] = (state >> 16) % 4 != 0 ? truth[i] : (int) ((state >> 18) % 5);
        }
        return ConfusionMatrix.of(5, truth, predicted);
    }

    @Test
    void countsTrueClassesByRowAndPredictedOnesByColumn() {
        int[][] expected = {{19, 2, 0, 2, 1}, {1, 26, 0, 1, 1}, {2, 2, 23, 2, 2}, {1, 0, 2, 30, 1}, {1, 2, 0, 1, 28}};
        assertArrayEquals(expected, drawn().counts());
    }

    @Test
    void itsMetricsAreScikitLearns() {
        ConfusionMatrix matrix = drawn();
        assertEquals(0.84, matrix.accuracy(), EXACT);
        assertEquals(0.836847114634, matrix.macroF1(), 1e-11);
        assertEquals(0.92, matrix.precision(2), EXACT);
        assertEquals(0.7419354838709677, matrix.recall(2), EXACT);
    }

    @Test
    void aClassThatIsNeverFoundCountsAndOneThatNeverOccursDoesNot() {
        ConfusionMatrix matrix = ConfusionMatrix.of(4, new int[] {0, 0, 1, 2}, new int[] {0, 1, 1, 1});
        assertEquals(0.38888888888888884, matrix.macroF1(), EXACT);
        assertEquals(0, matrix.f1(2), EXACT);
    }
}
