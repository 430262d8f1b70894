package dev.loupe.training.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.training.report.Confusions.Cell;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfusionsTest {
    @Test
    void fewLabelsHaveAMatrix() {
        Confusions confusions = Confusions.of(ReportScene.classifier("bad"));
        assertEquals(List.of("good", "bad"), confusions.labels());
        assertEquals(
                List.of(new Cell(23, 92, true), new Cell(2, 8, false)),
                confusions.rows().getFirst().cells());
        assertEquals(
                List.of(new Cell(1, 7, false), new Cell(14, 93, true)),
                confusions.rows().getLast().cells());
        assertTrue(confusions.pairs().isEmpty());
    }

    @Test
    void manyLabelsHaveTheirMostFrequentConfusions() {
        assertEquals(30, Confusions.of(ReportScene.manyLabels(30)).rows().size());
        Confusions confusions = Confusions.of(ReportScene.manyLabels(31));
        assertTrue(confusions.rows().isEmpty());
        assertEquals(30, confusions.pairs().size());
        assertEquals(31, confusions.pairs().getFirst().images());
        assertEquals("label-30", confusions.pairs().getFirst().truth());
    }
}
