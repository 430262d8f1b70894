package dev.loupe.training.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.training.metric.LearningNote;
import java.util.List;

/**
 * What the template {@code evaluation-report.html} shows. It escapes all texts.
 *
 * @param title title of the page
 * @param subtitle what the model was evaluated on
 * @param main the main metric, null if it is not defined for the images
 * @param warnings what a reader must know before the figures
 * @param training what the losses of the training show, in sentences
 * @param tables tables of figures
 * @param confusions which labels are confused
 * @param plots the plots
 * @param wrong images with the surest wrong predictions
 * @param wrongImages number of all images with wrong predictions
 * @param card the model card
 */
record HtmlReport(
        String title,
        String subtitle,
        MainMetric main,
        List<String> warnings,
        List<String> training,
        MetricTables tables,
        Confusions confusions,
        List<Plot> plots,
        List<WrongImage> wrong,
        int wrongImages,
        ModelCard card) {

    static HtmlReport of(ReportSources sources, List<WrongImage> wrong, List<LearningNote> notes, ObjectMapper json) {
        EvaluationReport report = sources.report();
        return new HtmlReport(
                "Evaluation of " + sources.modelName(),
                "Evaluated on " + FigureText.testImages(report.images()) + " of dataset version "
                        + sources.run().data().datasetVersion() + " of "
                        + sources.run().data().project(),
                MainMetric.of(sources),
                Limits.warnings(sources),
                notes.stream().map(LearningNote::text).toList(),
                MetricTables.of(sources),
                Confusions.of(report),
                Plots.of(report),
                wrong,
                report.confusion().stream()
                        .filter(cell -> !cell.truth().equals(cell.predicted()))
                        .mapToInt(EvaluationReport.ConfusionCell::images)
                        .sum(),
                ModelCard.of(sources, json));
    }
}
