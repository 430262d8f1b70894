package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.Average;
import dev.loupe.contracts.evaluation.EvaluationReport.Averages;
import dev.loupe.contracts.evaluation.EvaluationReport.ClassReport;
import dev.loupe.contracts.evaluation.EvaluationReport.ConfusionCell;
import java.util.ArrayList;
import java.util.List;

/** The parts of a report that come from a confusion matrix, the same for all tasks. */
final class ConfusionFigures {
    private ConfusionFigures() {}

    /** @param scores scores of the class against the rest, null if they cannot be measured */
    static ClassReport report(
            ConfusionMatrix matrix, int index, List<String> labels, BinaryMetrics scores, boolean withCurves) {
        return new ClassReport(
                labels.get(index),
                matrix.row(index),
                matrix.column(index),
                matrix.precision(index),
                matrix.recall(index),
                matrix.f1(index),
                scores == null ? null : scores.auroc(),
                scores == null ? null : scores.averagePrecision(),
                withCurves ? CurvePoints.thin(scores.roc()) : null,
                withCurves ? CurvePoints.thin(scores.precisionRecall()) : null);
    }

    static Averages averages(ConfusionMatrix matrix) {
        // Each image has one label and one prediction, so these three are the same.
        Average micro = new Average(matrix.accuracy(), matrix.accuracy(), matrix.accuracy());
        Average macro =
                new Average(matrix.macro(matrix::precision), matrix.macro(matrix::recall), matrix.macro(matrix::f1));
        Average weighted = new Average(
                matrix.weighted(matrix::precision), matrix.weighted(matrix::recall), matrix.weighted(matrix::f1));
        return new Averages(micro, macro, weighted);
    }

    static List<ConfusionCell> counts(ConfusionMatrix matrix, List<String> labels) {
        List<ConfusionCell> counts = new ArrayList<>();
        for (int truth = 0; truth < labels.size(); truth++) {
            for (int predicted = 0; predicted < labels.size(); predicted++) {
                int images = matrix.counts()[truth][predicted];
                if (images > 0) {
                    counts.add(new ConfusionCell(labels.get(truth), labels.get(predicted), images));
                }
            }
        }
        return counts;
    }
}
