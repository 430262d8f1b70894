package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * The expected values were computed with scikit-learn 1.9.1 and numpy 2.4.6 on the same 200 numbers: {@code
 * roc_auc_score}, {@code average_precision_score}, {@code accuracy_score}, {@code precision_score}, {@code
 * recall_score}, {@code f1_score} (the best over all scores as thresholds) and {@code numpy.quantile}.
 */
class BinaryMetricsTest {
    private static final double EXACT = 1e-12;

    private final BinaryMetrics metrics = drawn();

    /** 200 scores with many ties, 70 of them positive. */
    private static BinaryMetrics drawn() {
        double[] scores = new double[200];
        boolean[] positive = new boolean[scores.length];
        long state = 12_345;
        for (int i = 0; i < scores.length; i++) {
            state = next(state);
            positive[i] = (state >> 16) % 3 == 0;
            state = next(state);
            scores[i] = (state >> 16) % 50 / 10.0 + (positive[i] ? 1.7 : 0);
        }
        return new BinaryMetrics(scores, positive);
    }

    static long next(long state) {
        return (1_103_515_245 * state + 12_345) % (1L << 31);
    }

    @Test
    void areaUnderTheCurveIsScikitLearns() {
        assertEquals(0.7937912087912088, metrics.auroc(), EXACT);
    }

    @Test
    void averagePrecisionIsScikitLearns() {
        assertEquals(0.7282273261103387, metrics.averagePrecision(), EXACT);
    }

    @Test
    void theBestThresholdLiesBetweenTheScoresThatF1IsBestBetween() {
        double threshold = metrics.bestF1Threshold();
        assertEquals(1.95, threshold, EXACT);
        ConfusionMatrix matrix = metrics.at(threshold);
        assertEquals(0.6267281105990783, matrix.f1(1), EXACT);
        assertEquals(0.595, matrix.accuracy(), EXACT);
        assertEquals(0.46258503401360546, matrix.precision(1), EXACT);
        assertEquals(0.9714285714285714, matrix.recall(1), EXACT);
    }

    /** One in twenty of 130 negatives is 6: sorted, numpy gives the seventh highest 4.8 and the next higher score 4.9. */
    @Test
    void atMostAShareOfTheNegativesReachesTheirThreshold() {
        double threshold = metrics.negativeThreshold(0.05);
        assertTrue(metrics.at(threshold).counts()[0][1] <= 6);
        assertEquals(threshold > 4.8, threshold <= 4.9);
    }

    @Test
    void equalScoresAreBelowTheThreshold() {
        double[] equal = new double[30];
        java.util.Arrays.fill(equal, 7);
        BinaryMetrics normal = new BinaryMetrics(equal, new boolean[30]);
        assertEquals(1, normal.at(normal.negativeThreshold(0.05)).accuracy());

        BinaryMetrics single = new BinaryMetrics(new double[] {0.25}, new boolean[] {false});
        assertTrue(single.negativeThreshold(0.05) > 0.25);

        BinaryMetrics tied = new BinaryMetrics(new double[] {1, 1, 1, 1}, new boolean[] {true, false, false, true});
        assertTrue(tied.bestF1Threshold() > 1);
    }

    /** To call all abnormal would have the better F1: 20/21 against 18/19. */
    @Test
    void aSingleNormalScoreStaysBelowTheBestThreshold() {
        double[] scores = {5, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14};
        boolean[] positive = new boolean[11];
        java.util.Arrays.fill(positive, 1, 11, true);
        assertEquals(5.5, new BinaryMetrics(scores, positive).bestF1Threshold(), EXACT);
    }

    @Test
    void allTiesAreWorthOneHalf() {
        BinaryMetrics ties = new BinaryMetrics(new double[] {1, 1, 1, 1}, new boolean[] {true, false, false, true});
        assertEquals(0.5, ties.auroc(), EXACT);
        assertEquals(0.5, ties.averagePrecision(), EXACT);
    }

    @Test
    void perfectScoresAreWorthOneAndTheirThresholdLiesBetweenTheKinds() {
        BinaryMetrics perfect = new BinaryMetrics(new double[] {1, 2, 4, 6}, new boolean[] {false, false, true, true});
        assertEquals(1, perfect.auroc(), EXACT);
        assertEquals(1, perfect.averagePrecision(), EXACT);
        assertEquals(3, perfect.bestF1Threshold(), EXACT);
    }

    @Test
    void ofOneKindNothingIsMeasured() {
        BinaryMetrics normal = new BinaryMetrics(new double[] {1, 2}, new boolean[] {false, false});
        assertFalse(normal.measurable());
        assertEquals(
                "nothing to measure: 0 positives among 2",
                assertThrows(IllegalStateException.class, normal::auroc).getMessage());
    }

    @Test
    void aScoreThatIsNoNumberIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new BinaryMetrics(new double[] {Double.NaN}, new boolean[] {true}));
    }
}
