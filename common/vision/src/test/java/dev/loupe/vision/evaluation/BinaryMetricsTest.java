package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

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

    @Test
    void quantileOfTheNegativesIsNumpys() {
        assertEquals(4.8, metrics.negativeQuantile(0.95), EXACT);
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
