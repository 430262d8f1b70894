package dev.loupe.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ScoreCalibrationTest {
    /** Four normal scores below the threshold 10, so their places are fifths of it; their median is 5. */
    private final ScoreCalibration calibration = new ScoreCalibration(new double[] {8, 2, 4, 6});

    @Test
    void belowTheThresholdItIsHalfThePlaceAmongNormalImages() {
        assertEquals(0.1f, calibration.calibrate(2, 10));
        assertEquals(0.2f, calibration.calibrate(4, 10));
        assertEquals(0.25f, calibration.calibrate(5, 10));
        assertEquals(0.4f, calibration.calibrate(8, 10));
        assertEquals(0.45f, calibration.calibrate(9, 10));
        assertEquals(0.05f, calibration.calibrate(1, 10));
        assertEquals(0f, calibration.calibrate(0, 10));
    }

    @Test
    void fromTheThresholdOnTheDistanceToOneHalvesWithEachDistanceToTheMedian() {
        assertEquals(0.5f, calibration.calibrate(10, 10));
        assertEquals(0.75f, calibration.calibrate(15, 10));
        assertEquals(0.875f, calibration.calibrate(20, 10));
        assertEquals(1f, calibration.calibrate(1e6, 10));
    }

    @Test
    void onlyNormalImagesBelowTheThresholdCount() {
        assertEquals(1 / 3f, calibration.calibrate(4, 5), 1e-7); // the second of {2, 4}: 0.5 * 2/3
    }

    @Test
    void equalScoresHaveTheirMeanPlace() {
        ScoreCalibration tied = new ScoreCalibration(new double[] {3, 3, 3});
        assertEquals(0.25f, tied.calibrate(3, 4));
        assertEquals(1f, tied.calibrate(3.5, 3), "the scores have no spread");
    }

    @Test
    void neverDecreasesAndIsHalfExactlyFromTheThresholdOn() {
        Random random = new Random(5);
        for (int set = 0; set < 200; set++) {
            double[] normal = random.doubles(1 + random.nextInt(30), 0, 4)
                    .map(score -> (float) Math.round(score * 4) / 4)
                    .toArray();
            ScoreCalibration each = new ScoreCalibration(normal);
            double threshold = (float) (random.nextDouble() * 6 - 0.5);
            float last = 0;
            for (double score = 0; score < 12; score += 0.03125) {
                float calibrated = each.calibrate(score, threshold);
                assertTrue(calibrated >= last && calibrated <= 1, calibrated + " after " + last);
                assertEquals(score >= threshold, calibrated >= 0.5f);
                last = calibrated;
            }
            assertEquals(0.5f, each.calibrate(threshold, threshold));
            assertTrue(each.calibrate(Math.nextDown((float) threshold), threshold) < 0.5f);
        }
    }

    @Test
    void refusesToCalibrateWithoutNormalImages() {
        assertThrows(IllegalArgumentException.class, () -> new ScoreCalibration(new double[0]));
    }
}
