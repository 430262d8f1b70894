package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.loupe.contracts.evaluation.EvaluationReport.MemoryCurve;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryPoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartialMemoriesTest {
    @Test
    void saysFromWhichSizeOnMorePatchesDoNotHelp() {
        MemoryCurve curve = PartialMemories.auroc(points(.8, .95, .948, .951, .953), 40);
        assertEquals(20, curve.enough(), ".95 and .948 are within .005 of .953");
        assertEquals(
                "From about 20 of 160 patches on, more do not help: the AUROC on DEV does not rise by more than 0.005.",
                curve.note());
    }

    @Test
    void dipBetweenTwoSizesIsNotEnough() {
        assertEquals(
                80, PartialMemories.auroc(points(.95, .9, .95, .951, .953), 40).enough() * 2);
    }

    @Test
    void saysThatTheWholeMemoryStillHelps() {
        MemoryCurve curve = PartialMemories.auroc(points(.8, .85, .9), 40);
        assertNull(curve.enough());
        assertEquals(
                "Still improving at 40 patches: the AUROC on DEV is 0.900, with half of them 0.850; add normal images, or raise coresetRatio.",
                curve.note());
    }

    @Test
    void memoryThatGetsWorseDoesNotStillImprove() {
        assertEquals(10, PartialMemories.auroc(points(.95, .94, .9), 40).enough());
    }

    @Test
    void lessDistanceIsBetter() {
        MemoryCurve still = PartialMemories.distance(points(4, 3, 2), 40);
        assertNull(still.enough());
        assertEquals(
                "Still improving at 40 patches: normal DEV images are 33 % nearer to them than to half of them; add normal images, or raise coresetRatio.",
                still.note());
        assertEquals(20, PartialMemories.distance(points(4, 2.09, 2), 40).enough());
    }

    private static List<MemoryPoint> points(double... values) {
        List<MemoryPoint> points = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            points.add(new MemoryPoint(10 << i, values[i]));
        }
        return points;
    }
}
