package dev.loupe.training.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.training.metric.LearningNote.Kind;
import dev.loupe.training.metric.MetricSeries.Point;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Drawn curves. */
class LearningCurveTest {
    private static final Instant AT = Instant.parse("2026-11-20T10:00:00Z");

    @Test
    void aLossOnDevThatRisesWhileThatOnTrainFallsIsOverfitting() {
        LearningNote note = only(notes(30, epoch -> 1.0 / epoch, LearningCurveTest::turning, _ -> 0.8));

        assertEquals(Kind.OVERFITTING, note.kind());
        assertEquals(10, note.epoch());
        // The mean of the last three: 0.86, 0.88, 0.90.
        assertTrue(note.evidence().contains("after epoch 10"), note.evidence());
        assertTrue(note.evidence().contains("from 0.5000 to 0.8800 (+76 %) until epoch 30"), note.evidence());
        assertTrue(note.evidence().contains("from 0.1000 to 0.0333"), note.evidence());
    }

    @Test
    void noiseAroundAPlateauIsNotOverfitting() {
        Random random = new Random(1);
        assertEquals(
                List.of(),
                notes(40, epoch -> 1.0 / epoch, epoch -> 0.5 + 0.5 / epoch + 0.03 * random.nextDouble(), _ -> 0.85));
    }

    @Test
    void aLossOnDevThatRisesTogetherWithThatOnTrainIsNotOverfitting() {
        assertEquals(List.of(), notes(30, LearningCurveTest::turning, LearningCurveTest::turning, _ -> 0.85));
    }

    @Test
    void aRiseFromNearlyNothingIsNoise() {
        assertEquals(List.of(), notes(30, epoch -> 0.1 / epoch, epoch -> epoch == 10 ? 0.001 : 0.002, _ -> 1));
    }

    @Test
    void lossesThatStillFallInTheLastEpochsAreUnderfitting() {
        LearningNote note =
                only(notes(20, epoch -> 2 - 0.07 * epoch, epoch -> 2 - 0.06 * epoch, epoch -> 0.03 * epoch + 0.3));

        assertEquals(Kind.UNDERFITTING, note.kind());
        assertEquals(20, note.epoch());
        assertTrue(note.evidence().contains("from epoch 16 to epoch 20"), note.evidence());
        assertTrue(note.evidence().contains("on TRAIN still fell from 0.8800 to 0.6000"), note.evidence());
        assertTrue(note.evidence().contains("on DEV from 1.0400 to 0.8000"), note.evidence());
        assertTrue(note.advice().contains("more epochs"), note.advice());
    }

    @Test
    void lossesThatHardlyFallAreUnderfitting() {
        LearningNote note = only(notes(2, 20, epoch -> 0.7 - 0.001 * epoch, epoch -> 0.7 - 0.0005 * epoch, _ -> 0.55));

        assertEquals(Kind.UNDERFITTING, note.kind());
        assertTrue(note.evidence().contains("went from 0.6990 to 0.6800"), note.evidence());
        assertTrue(note.evidence().contains("guessing among 2 classes has 0.6931"), note.evidence());
        assertTrue(note.evidence().contains("0.5500"), note.evidence());
        assertTrue(note.advice().contains("learning rate"), note.advice());
    }

    /** Its first loss, after an epoch in which it has learned much, says nothing. */
    @Test
    void aLossFarBelowThatOfGuessingIsNotUnderfittingHoweverLowTheAccuracy() {
        IntToDoubleFunction flat = _ -> 3;
        assertEquals(List.of(), notes(1000, 20, flat, flat, _ -> 0.4));
        assertEquals(
                Kind.UNDERFITTING, only(notes(20, 20, flat, flat, _ -> 0.9)).kind());
        assertEquals(List.of(), notes(0, 20, flat, flat, _ -> 0.4));
    }

    @Test
    void lossesWithoutAccuraciesShowNothing() {
        List<Point> losses = new ArrayList<>();
        List<Point> devLosses = new ArrayList<>();
        for (int epoch = 1; epoch <= 30; epoch++) {
            losses.add(point(1, epoch, 1.0 / epoch));
            devLosses.add(point(1, epoch, turning(epoch)));
        }
        assertEquals(
                List.of(),
                LearningCurve.notes(
                        List.of(new MetricSeries("loss", losses), new MetricSeries("devLoss", devLosses)),
                        2,
                        LearningCurve.PHASE));
    }

    @Test
    void aTrainingThatHasLearnedAlmostEverythingIsNeither() {
        assertEquals(
                List.of(), notes(20, epoch -> Math.exp(-0.3 * epoch), epoch -> Math.exp(-0.25 * epoch), _ -> 0.99));
    }

    @Test
    void aTrainingThatConvergesIsNeither() {
        assertEquals(
                List.of(),
                notes(60, epoch -> 0.3 + Math.exp(-0.2 * epoch), epoch -> 0.4 + Math.exp(-0.2 * epoch), _ -> 0.9));
    }

    @Test
    void ofAnEpochThatSeveralAttemptsTrainedTheLastOneCounts() {
        List<Point> losses = new ArrayList<>();
        List<Point> devLosses = new ArrayList<>();
        for (int epoch = 1; epoch <= 30; epoch++) {
            losses.add(point(2, epoch, 1.0 / epoch));
            devLosses.add(point(2, epoch, turning(epoch)));
        }
        for (int epoch = 1; epoch <= 12; epoch++) {
            losses.add(point(1, epoch, 0.001));
            devLosses.add(point(1, epoch, 0.001));
        }
        assertEquals(
                10,
                only(LearningCurve.notes(
                                List.of(
                                        new MetricSeries("loss", losses),
                                        new MetricSeries("devLoss", devLosses),
                                        new MetricSeries("devAccuracy", List.of(point(2, 30, 0.8)))),
                                10,
                                LearningCurve.PHASE))
                        .epoch());
    }

    @Test
    void ofARunThatTriedSeveralRecipesTheCandidateIsTheNamedOne() {
        List<Point> losses = new ArrayList<>();
        List<Point> devLosses = new ArrayList<>();
        List<Point> accuracies = new ArrayList<>();
        for (int epoch = 1; epoch <= 30; epoch++) {
            for (int candidate = 1; candidate <= 2; candidate++) {
                String phase = "candidate " + candidate + " of 2 train";
                losses.add(new Point(1, phase, epoch, AT, 1.0 / epoch));
                devLosses.add(new Point(1, phase, epoch, AT, candidate == 1 ? 1.1 / epoch : turning(epoch)));
                accuracies.add(new Point(1, phase, epoch, AT, 0.985));
            }
        }
        List<MetricSeries> series = List.of(
                new MetricSeries("loss", losses),
                new MetricSeries("devLoss", devLosses),
                new MetricSeries("devAccuracy", accuracies));
        assertEquals(List.of(), LearningCurve.notes(series, 10, "candidate 1 of 2 train"));
        assertEquals(
                Kind.OVERFITTING,
                only(LearningCurve.notes(series, 10, "candidate 2 of 2 train")).kind());
        assertEquals(List.of(), LearningCurve.notes(series, 10, "null train"));
    }

    @Test
    void aFewEpochsOrNoLossOnDevShowNothing() {
        assertEquals(List.of(), notes(4, epoch -> 1.0 / epoch, epoch -> epoch, _ -> 0.5));
        List<Point> losses = new ArrayList<>();
        for (int epoch = 1; epoch <= 30; epoch++) {
            losses.add(point(1, epoch, 1.0 / epoch));
        }
        assertEquals(
                List.of(),
                LearningCurve.notes(
                        List.of(
                                new MetricSeries("loss", losses),
                                new MetricSeries("devAccuracy", List.of(point(1, 30, 0.5)))),
                        10,
                        LearningCurve.PHASE));
        assertEquals(List.of(), LearningCurve.notes(List.of(), 10, LearningCurve.PHASE));
    }

    /** Falls until epoch 10, and rises after that. */
    private static double turning(int epoch) {
        return epoch <= 10 ? 1.5 - 0.1 * epoch : 0.5 + 0.02 * (epoch - 10);
    }

    private static LearningNote only(List<LearningNote> notes) {
        assertEquals(1, notes.size(), notes.toString());
        return notes.getFirst();
    }

    private static List<LearningNote> notes(
            int epochs, IntToDoubleFunction loss, IntToDoubleFunction devLoss, IntToDoubleFunction devAccuracy) {
        return notes(10, epochs, loss, devLoss, devAccuracy);
    }

    private static List<LearningNote> notes(
            int classes,
            int epochs,
            IntToDoubleFunction loss,
            IntToDoubleFunction devLoss,
            IntToDoubleFunction devAccuracy) {
        List<Point> losses = new ArrayList<>();
        List<Point> devLosses = new ArrayList<>();
        List<Point> accuracies = new ArrayList<>();
        for (int epoch = 1; epoch <= epochs; epoch++) {
            losses.add(point(1, epoch, loss.applyAsDouble(epoch)));
            devLosses.add(point(1, epoch, devLoss.applyAsDouble(epoch)));
            accuracies.add(point(1, epoch, devAccuracy.applyAsDouble(epoch)));
        }
        return LearningCurve.notes(
                List.of(
                        new MetricSeries("devAccuracy", accuracies),
                        new MetricSeries("devLoss", devLosses),
                        new MetricSeries("loss", losses)),
                classes,
                LearningCurve.PHASE);
    }

    private static Point point(int attempt, int epoch, double value) {
        return new Point(attempt, "train", epoch, AT, value);
    }
}
