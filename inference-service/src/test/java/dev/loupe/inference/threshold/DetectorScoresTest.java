package dev.loupe.inference.threshold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class DetectorScoresTest {
    private static final int SETS = 1000;
    private static final double TARGET = 0.02;
    private static final double CONFIDENCE = 0.95;

    /**
     * Scores are -ln(u) of uniform u, so the true false-alarm rate of a threshold t is exp(-t). By the binomial sums, the
     * promise is kept in 95.9 % of the sets or a little more.
     */
    @Test
    void promisedFalseAlarmRateIsKeptInThePromisedShareOfSimulatedSets() {
        double kept = shareOfSetsThatKeepTheRate(normal -> new DetectorScores(normal, new double[0])
                .falseAlarmRate(TARGET, CONFIDENCE)
                .value());
        assertTrue(kept >= CONFIDENCE && kept < 0.995, "kept in " + kept);
    }

    /** The control: the threshold that the target share of the DEV images reaches promises nothing. */
    @Test
    void empiricalQuantileKeepsTheRateInAboutHalfOfTheSets() {
        double kept = shareOfSetsThatKeepTheRate(normal -> {
            double[] sorted = Arrays.stream(normal).sorted().toArray();
            return sorted[(int) Math.round((1 - TARGET) * sorted.length)];
        });
        assertTrue(kept < 0.7, "kept in " + kept);
    }

    private static double shareOfSetsThatKeepTheRate(ToDoubleFunction<double[]> choose) {
        Random random = new Random(11);
        int kept = 0;
        for (int set = 0; set < SETS; set++) {
            double[] normal = random.doubles(400)
                    .map(uniform -> (float) -Math.log(1 - uniform))
                    .toArray();
            kept += Math.exp(-choose.applyAsDouble(normal)) <= TARGET ? 1 : 0;
        }
        return (double) kept / SETS;
    }

    /** By hand: ln(0.05) / ln(0.99) = 298.07, so 299 normal images are needed. */
    @Test
    void tooFewNormalImagesAreRefusedWithTheNumberThatIsNeeded() {
        DetectorScores few = new DetectorScores(ascending(298), new double[] {1000});
        ServiceException refused = assertThrows(ServiceException.class, () -> few.falseAlarmRate(0.01, 0.95));
        assertEquals(ErrorCode.DEV_IMAGES_TOO_FEW, refused.code());
        assertTrue(
                refused.getMessage().contains("at least 299 normal DEV images, got 298: 1 more"), refused.getMessage());
        double threshold = new DetectorScores(ascending(299), new double[0])
                .falseAlarmRate(0.01, 0.95)
                .value();
        assertTrue(threshold > 299, "above the highest score, got " + threshold);
    }

    /** By the binomial sums, three of 400 normal images may be above: the threshold is between those with 397 and 398. */
    @Test
    void falseAlarmRateIsTheLowestThresholdThatKeepsThePromise() {
        DetectorScores scores = new DetectorScores(ascending(400), new double[] {396.5, 397.25, 500});
        double threshold = scores.falseAlarmRate(0.02, 0.95).value();
        assertEquals(397.125, threshold);
        assertEquals(3, scores.falseAlarms(threshold));
        assertEquals(1, scores.misses(threshold));
    }

    @Test
    void equalScoresAreNeverOnBothSides() {
        double[] normal = new double[100];
        Arrays.fill(normal, 3);
        DetectorScores scores = new DetectorScores(normal, new double[] {3, 4});
        double threshold = scores.falseAlarmRate(0.05, 0.95).value();
        assertEquals(3.5, threshold);
        assertEquals(0, scores.falseAlarms(threshold));
        assertEquals(1, scores.misses(threshold));
    }

    /** By hand: F1 is 2/4, 4/5, 4/6, 6/7 at thresholds below 8, 7, 5 and 4; the best is between 4 and 3. */
    @Test
    void bestF1IsThatOfAHandCalculation() {
        DetectorScores scores = new DetectorScores(new double[] {1, 3, 5}, new double[] {8, 7, 4});
        assertEquals(3.5, scores.bestF1().value());
        DetectorScores separated = new DetectorScores(new double[] {1, 2}, new double[] {6, 7});
        assertEquals(4, separated.bestF1().value());
        DetectorScores reversed = new DetectorScores(new double[] {6, 7}, new double[] {1, 2});
        assertEquals(7.007, reversed.bestF1().value(), 1e-6);
        assertEquals(
                ErrorCode.DEV_IMAGES_TOO_FEW,
                assertThrows(ServiceException.class, () -> new DetectorScores(ascending(5), new double[0]).bestF1())
                        .code());
    }

    /** By hand: 90 % of ten images are nine, so the lowest but one decides; 95 % need all ten. */
    @Test
    void recallIsTheHighestThresholdThatReachesIt() {
        DetectorScores scores = new DetectorScores(new double[] {1, 2.5, 30}, ascending(10));
        assertEquals(1.5, scores.recall(0.9).value());
        assertEquals(1, scores.misses(scores.recall(0.9).value()));
        assertEquals(0, scores.misses(scores.recall(0.95).value()));
        assertEquals(0, scores.misses(scores.recall(1).value()));
        assertEquals(5, scores.misses(scores.recall(0.5).value()));
        assertEquals(5.5, scores.recall(0.5).value());
    }

    private static double[] ascending(int count) {
        double[] scores = new double[count];
        Arrays.setAll(scores, i -> i + 1);
        return scores;
    }
}
