package dev.loupe.training.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlotsTest {
    /** The curve from (0, 0) over (0, .9) to (1, 1), in the coordinates of the axes: x 50 to 348, y 238 to 12. */
    @Test
    void curvesAreDrawnBetweenTheAxes() {
        Plot roc = Plots.of(ReportScene.classifier("bad")).getFirst();
        assertEquals("ROC curve", roc.title());
        assertEquals("50.0,238.0 50.0,34.6 348.0,12.0", roc.lines().getLast().points());
        assertEquals("good: 0.9700", roc.legend().getFirst().text());
    }

    @Test
    void reliabilityHasABarForEachBinWithImages() {
        Plot plot = Plots.of(ReportScene.classifier("bad")).getLast();
        assertEquals("Reliability", plot.title());
        assertEquals(
                List.of("40 images: probability 0.9000, right 0.9250"),
                plot.bars().stream().map(Plot.Bar::text).toList());
        assertEquals(
                "expected calibration error: 0.0625", plot.legend().getFirst().text());
    }

    /** Scores from 0 to 4 and up to 5 images: the threshold 3 is at x = 50 + 3/4 * 298, one image is 226/5 high. */
    @Test
    void scoresOfADetectorAreAHistogramWithItsThreshold() {
        List<Plot> plots = Plots.of(ReportScene.detector());
        assertEquals(List.of("Anomaly scores"), plots.stream().map(Plot::title).toList());
        Plot plot = plots.getFirst();
        assertEquals(
                List.of("4 normal", "2 normal", "3 abnormal"),
                plot.bars().stream().map(Plot.Bar::text).toList());
        assertEquals("180.8", plot.bars().getFirst().height());
        assertEquals("273.5,238.0 273.5,12.0", plot.lines().getFirst().points());
        assertEquals("threshold 3.0000", plot.legend().getLast().text());
    }

    /** The points (100, .5) and (200, .75) of 200 patches and an AUROC of up to 1. */
    @Test
    void memoryOfADetectorHasACurveWithItsNote() {
        Plot plot = Plots.of(ReportScene.detectorWithMasks()).getLast();
        assertEquals("Size of the memory", plot.title());
        assertEquals("199.0,125.0 348.0,68.5", plot.lines().getFirst().points());
        assertEquals("Still improving at 200 patches.", plot.legend().getFirst().text());
        assertEquals("AUROC on DEV", plot.yTitle());
    }

    @Test
    void anEvaluationWithoutCurvesHasNoPlots() {
        assertEquals(List.of(), Plots.of(ReportScene.manyLabels(3)));
    }
}
