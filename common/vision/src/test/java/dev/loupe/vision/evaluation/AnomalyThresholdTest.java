package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class AnomalyThresholdTest {
    /** By hand: mean 12.5, standard deviation 1.870829, t of 5 degrees of freedom 2.015048, √(7/6) 1.080123. */
    @Test
    void fewNormalScoresGiveThePredictionLimit() {
        assertEquals(16.571861, choose(10, 11, 12, 13, 14, 15), 1e-5);
    }

    /** The largest of six scores would be exceeded by one in seven. */
    @Test
    void oneInTwentyNormalImagesIsAboveTheThresholdOfSix() {
        Random random = new Random(1);
        int sets = 4000;
        int images = 50;
        int above = 0;
        for (int i = 0; i < sets; i++) {
            double threshold = choose(
                    random.doubles(6, 0, 1).map(_ -> 16 + random.nextGaussian()).toArray());
            for (int k = 0; k < images; k++) {
                above += 16 + random.nextGaussian() >= threshold ? 1 : 0;
            }
        }
        // At least the largest of the six, so a little below 5 %.
        double share = (double) above / (sets * images);
        assertTrue(share > 0.04 && share < 0.052, "share above: " + share);
    }

    @Test
    void aThresholdIsNotBelowANormalScoreOfFew() {
        double outlier = 30;
        assertTrue(choose(10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, outlier) > outlier);
        assertTrue(choose(7, 7, 7) > 7);
        assertTrue(choose(7) > 7);
    }

    @Test
    void twentyNormalScoresGiveTheirOwnShare() {
        double[] scores = DoubleStream.iterate(1, score -> score + 1).limit(20).toArray();
        assertEquals(19.5, choose(scores), 1e-9);
    }

    /** By hand: Clopper and Pearson's interval of 1 of 10 ends at 0.4450. */
    @Test
    void fewNormalImagesSayHowManyAreMissingAndWhatTheRateMayBe() {
        double[] scores = DoubleStream.iterate(1, score -> score + 1).limit(10).toArray();
        assertEquals(
                List.of(
                        "DEV has 10 normal images, expected at least 20: the threshold calls 1 of them abnormal, and may call up to 45 % of all normal images abnormal (95 % interval); add 10 normal DEV images"),
                AnomalyThreshold.warnings(new BinaryMetrics(scores, new boolean[10]), 9.5));
        assertEquals(List.of(), AnomalyThreshold.warnings(new BinaryMetrics(new double[20], new boolean[20]), 1));
    }

    @Test
    void refusesToChooseWithoutANormalImage() {
        BinaryMetrics abnormal = new BinaryMetrics(new double[] {1, 2}, new boolean[] {true, true});
        assertThrows(IllegalArgumentException.class, () -> AnomalyThreshold.choose(abnormal));
    }

    private static double choose(double... normal) {
        return AnomalyThreshold.choose(new BinaryMetrics(normal, new boolean[normal.length]))
                .value();
    }
}
