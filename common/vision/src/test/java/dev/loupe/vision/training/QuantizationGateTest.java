package dev.loupe.vision.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.loupe.contracts.Task;
import dev.loupe.vision.training.QuantizationGate.Answer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The expected figures are computed by hand. */
class QuantizationGateTest {
    private static final int IMAGES = 1000;

    /** A classifier with two labels that is right for all images except the first ones. */
    private static List<Answer> wrongFor(int wrong) {
        return IntStream.range(0, IMAGES)
                .mapToObj(i -> new Answer(i < wrong ? 1 : 0, 0))
                .toList();
    }

    private static QuantizationGate classifiers(int wrongBefore, int wrongAfter) {
        return QuantizationGate.of(
                Task.CLASSIFICATION, 2, new int[IMAGES], wrongFor(wrongBefore), wrongFor(wrongAfter));
    }

    @Test
    void acceptsAFallOfExactlyTheLimit() {
        QuantizationGate gate = classifiers(100, 105);
        assertEquals(new QuantizationGate("accuracy", 0.9, 0.895, 0.995, IMAGES), gate);
        assertNull(gate.refusal());
    }

    @Test
    void refusesALargerFallWithBothFigures() {
        assertEquals(
                "accuracy on DEV falls from 0.9000 to 0.8940, expected a fall of at most 0.005",
                classifiers(100, 106).refusal());
    }

    @Test
    void refusesOtherDecisionsEvenIfTheMetricIsTheSame() {
        // 11 images become right and 11 others wrong.
        List<Answer> after = IntStream.range(0, IMAGES)
                .mapToObj(i -> new Answer(i >= 11 && i < 111 ? 1 : 0, 0))
                .toList();
        QuantizationGate gate = QuantizationGate.of(Task.CLASSIFICATION, 2, new int[IMAGES], wrongFor(100), after);
        assertEquals(new QuantizationGate("accuracy", 0.9, 0.9, 0.978, IMAGES), gate);
        assertEquals("decisions agree on 97.8 % of 1000 DEV images, expected at least 99 %", gate.refusal());
    }

    @Test
    void acceptsARiseOfTheMetric() {
        assertNull(classifiers(10, 1).refusal());
    }

    @Test
    void comparesDetectorsByTheAreaUnderTheCurve() {
        int[] truth = {0, 0, 1, 1};
        // Before, 3 of the 4 pairs are in order; after, 2 are.
        QuantizationGate gate = QuantizationGate.of(
                Task.ANOMALY_DETECTION, 2, truth, scores(0.5, 1, 3, 2, 4), scores(0.5, 1, 3.5, 3, 2.5));
        assertEquals(new QuantizationGate("auroc", 0.75, 0.5, 1, 4), gate);
    }

    @Test
    void comparesDetectorsByTheirDecisionsWithoutAbnormalImages() {
        QuantizationGate gate = QuantizationGate.of(
                Task.ANOMALY_DETECTION, 2, new int[4], scores(2, 1, 1, 1, 3), scores(2, 1, 1, 3, 3));
        assertEquals(new QuantizationGate("accuracy", 0.75, 0.5, 0.75, 4), gate);
    }

    private static List<Answer> scores(double threshold, double... scores) {
        return Arrays.stream(scores)
                .mapToObj(score -> new Answer(score >= threshold ? 1 : 0, score))
                .toList();
    }
}
