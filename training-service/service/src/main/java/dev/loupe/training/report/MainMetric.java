package dev.loupe.training.report;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.training.Control;
import dev.loupe.contracts.training.Control.Verdict;
import dev.loupe.training.report.FigureText.Figure;
import dev.loupe.training.report.FigureText.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The main metric of an evaluation, with its control beside it and what it means.
 *
 * @param name name of the metric
 * @param figure its value and interval
 * @param control value of the control; an empty figure if there is none
 * @param meaning what it means, in sentences
 * @param scale positions on a scale from 0 to 1
 */
record MainMetric(String name, Interval figure, Figure control, List<String> meaning, Scale scale) {
    /**
     * Positions on the scale in SVG units; empty without the value.
     *
     * @param low of the interval's lower end
     * @param width of the interval
     * @param value of the value
     * @param control of the control
     */
    record Scale(String low, String width, String value, String control) {
        private static final double LEFT = 10;
        private static final double LENGTH = 340;

        private static Scale of(Estimate estimate, Double control) {
            boolean interval = estimate.low() != null && estimate.high() != null;
            return new Scale(
                    interval ? position(estimate.low()) : "",
                    interval ? text(LENGTH * Math.max(0.005, estimate.high() - estimate.low())) : "",
                    position(estimate.value()),
                    control == null ? "" : position(control));
        }

        private static String position(double share) {
            return text(LEFT + LENGTH * Math.clamp(share, 0, 1));
        }

        private static String text(double value) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
    }

    /** Name of the main metric of a task. */
    static String of(Task task) {
        return task == Task.CLASSIFICATION ? "accuracy" : "auroc";
    }

    /** Returns null if the metric is not defined for the images. */
    static MainMetric of(ReportSources sources) {
        String name = of(sources.report().task());
        Estimate estimate = sources.report().metrics().get(name);
        if (estimate == null) {
            return null;
        }
        Control control = sources.made().control();
        Double reached = control == null ? null : control.value();
        List<String> meaning = new ArrayList<>();
        meaning.add(value(sources, estimate));
        atThreshold(sources, meaning);
        if (estimate.low() != null && estimate.high() != null) {
            meaning.add(
                    "From resamples of these images, the %d %% interval is %s to %s: the fewer images, the wider it is."
                            .formatted(
                                    Math.round(
                                            100 * sources.report().bootstrap().confidence()),
                                    FigureText.percent(estimate.low()),
                                    FigureText.percent(estimate.high())));
        }
        meaning.add(comparison(control));
        return new MainMetric(
                FigureText.name(name),
                Interval.of(estimate),
                Figure.of(reached),
                List.copyOf(meaning),
                Scale.of(estimate, reached));
    }

    /** Whether the model has a control and is not shown to be better. */
    static boolean notShownBetter(Control control) {
        return control != null && control.verdict() == Verdict.NOT_SHOWN_BETTER;
    }

    private static String value(ReportSources sources, Estimate estimate) {
        return sources.report().task() == Task.CLASSIFICATION
                ? "The model predicts the right label for %s of the %s."
                        .formatted(
                                FigureText.percent(estimate.value()),
                                FigureText.testImages(sources.report().images()))
                : ("Of an abnormal and a normal image, each chosen at random, the abnormal one has the higher score with a"
                                + " probability of %s. 100 %% is perfect, 50 %% is guessing.")
                        .formatted(FigureText.percent(estimate.value()));
    }

    private static void atThreshold(ReportSources sources, List<String> meaning) {
        Map<String, Estimate> metrics = sources.report().metrics();
        if (sources.report().detection() != null && metrics.containsKey("recall") && metrics.containsKey("precision")) {
            meaning.add(
                    "At the threshold %s, the model finds %s of the abnormal images; of the images that it calls anomalous, %s are abnormal."
                            .formatted(
                                    FigureText.number(
                                            sources.report().detection().threshold()),
                                    FigureText.percent(metrics.get("recall").value()),
                                    FigureText.percent(metrics.get("precision").value())));
        }
    }

    private static String comparison(Control control) {
        if (control == null) {
            return "There is no control, which shows what is reached without what the model has learned.";
        }
        Estimate difference = control.difference();
        String interval = difference.low() == null
                ? ""
                : " (95 %% interval %s to %s)"
                        .formatted(
                                FigureText.percentagePoints(difference.low()),
                                FigureText.percentagePoints(difference.high()));
        return "The control (%s) reaches %s on the same images. The difference is %s percentage points%s: the model is %s."
                .formatted(
                        control.name(),
                        FigureText.percent(control.value()),
                        FigureText.percentagePoints(difference.value()),
                        interval,
                        notShownBetter(control)
                                ? "not shown to be better than its control"
                                : "better than its control");
    }
}
