package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The expected numbers are those of {@code paired_difference_reference.py}. */
class PairedDifferenceTest {
    @Test
    void intervalOfAccuracyHasTheQuantilesOfTheBinomialDistribution() {
        boolean[] others = allRight(40);
        Arrays.fill(others, 0, 10, false);

        Estimate difference = PairedDifference.ofAccuracy(allRight(40), others, 1);

        assertEquals(0.25, difference.value(), 1e-12);
        assertEquals(0.125, difference.low(), 0.026); // an image is 0.025
        assertEquals(0.4, difference.high(), 0.026);
    }

    @Test
    void intervalOfAurocIsThatOfDeLong() {
        double[] scores = new double[100];
        double[] others = new double[100];
        boolean[] abnormal = new boolean[100];
        for (int i = 0; i < 100; i++) {
            abnormal[i] = i % 2 == 1;
            scores[i] = i * 37 % 101 / 101.0 + (abnormal[i] ? 0.5 : 0);
            others[i] = i * 53 % 101 / 101.0 + (abnormal[i] ? 0.1 : 0);
        }

        Estimate difference =
                PairedDifference.ofAuroc(new BinaryMetrics(scores, abnormal), new BinaryMetrics(others, abnormal), 1);

        assertEquals(0.1816, difference.value(), 1e-9);
        assertEquals(0.0602, difference.low(), 0.02); // DeLong's is a normal approximation
        assertEquals(0.3030, difference.high(), 0.02);
    }

    @Test
    void equalModelsDifferByNothing() {
        boolean[] right = allRight(20);
        right[3] = false;
        assertEquals(new Estimate(0, 0.0, 0.0), PairedDifference.ofAccuracy(right, right, 1));
    }

    @Test
    void aFewImagesHaveNoInterval() {
        Estimate accuracy = PairedDifference.ofAccuracy(allRight(9), new boolean[9], 1);
        assertEquals(1, accuracy.value());
        assertNull(accuracy.low());

        boolean[] abnormal = {true, true, true, true, false, false, false, false, false, false};
        BinaryMetrics perfect = new BinaryMetrics(new double[] {2, 2, 2, 2, 1, 1, 1, 1, 1, 1}, abnormal);
        BinaryMetrics constant = new BinaryMetrics(new double[10], abnormal);
        Estimate auroc = PairedDifference.ofAuroc(perfect, constant, 1);
        assertEquals(0.5, auroc.value());
        assertNull(auroc.low());
    }

    private static boolean[] allRight(int images) {
        boolean[] right = new boolean[images];
        Arrays.fill(right, true);
        return right;
    }
}
