package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.training.LearningCurve;
import dev.loupe.vision.evaluation.LearningCurves.Part;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningCurvesTest {
    private static final int DEV = 80;
    private static final int[] CLASSES = new int[DEV];

    /** Of two repeats, the first one predicts so many DEV images wrongly, the second one as many others. */
    private static Part part(int images, int wrong) {
        boolean[][] right = new boolean[2][DEV];
        for (int i = 0; i < DEV; i++) {
            right[0][i] = i >= wrong;
            right[1][i] = i < DEV - wrong;
        }
        return new Part(images, right);
    }

    /** By hand: 40, 20, 10 and 5 of 80 are wrong, so the error is 1/16 * 800 / n, and falls by 1/32 to 1600 images. */
    @Test
    void fitsTheMeanErrorOfTheRepeats() {
        LearningCurve curve = LearningCurves.of(
                List.of(part(100, 40), part(200, 20), part(400, 10), part(800, 5)), CLASSES, "hog", 1);
        assertEquals(0.5, curve.points().getFirst().accuracy().value(), 1e-12);
        assertEquals(1 - 1 / 16.0, curve.points().getLast().accuracy().value(), 1e-12);
        assertEquals(1, curve.law().b(), 1e-4);
        assertEquals(1 / 32.0, curve.gainOfDoubling().value(), 1e-5);
        assertTrue(curve.gainOfDoubling().low() < 1 / 32.0, curve.toString());
        assertTrue(curve.gainOfDoubling().high() > 1 / 32.0, curve.toString());
        // 1/32 * 800 / n = 0.005 at n = 5000
        assertEquals(5000, curve.sufficientImages(), 5);
        assertEquals("hog", curve.backbone());
        assertEquals(DEV, curve.devImages());
    }

    @Test
    void saysNothingAboutFarMoreImages() {
        LearningCurve curve = LearningCurves.of(
                List.of(part(100, 40), part(200, 38), part(400, 36), part(800, 34)), CLASSES, "hog", 1);
        assertNull(curve.sufficientImages());
    }

    @Test
    void accuracyThatDoesNotGrowNeedsNoMoreImages() {
        LearningCurve curve =
                LearningCurves.of(List.of(part(100, 8), part(200, 8), part(400, 8), part(800, 8)), CLASSES, "hog", 1);
        assertEquals(0, curve.gainOfDoubling().value(), 1e-9);
        assertEquals(100, curve.sufficientImages());
    }
}
