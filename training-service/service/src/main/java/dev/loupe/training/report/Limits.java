package dev.loupe.training.report;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.ClassReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.training.Control;
import dev.loupe.model.ModelManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** What the figures of an evaluation do not cover, in sentences. */
final class Limits {
    /** With fewer images, a label is listed. */
    static final int FEW_IMAGES = 10;

    private static final int MAX_NAMED_LABELS = 20;

    private Limits() {}

    /** What makes the figures too good, or shows that the model may have learned nothing. */
    static List<String> warnings(ReportSources sources) {
        List<String> warnings = new ArrayList<>();
        if (sources.knownImages() > 0) {
            warnings.add("The model has learned from, or was chosen on, %d of the %s: the metrics are too good."
                    .formatted(
                            sources.knownImages(),
                            FigureText.testImages(sources.report().images())));
        }
        Control control = sources.made().control();
        if (MainMetric.notShownBetter(control)) {
            warnings.add("The model is not shown to be better than its control (%s). %s"
                    .formatted(control.name(), String.join(" ", control.advice())));
        }
        return List.copyOf(warnings);
    }

    static List<String> of(ReportSources sources, ImageCounts counts) {
        List<String> limits = new ArrayList<>();
        limits.add("The figures hold for images like the TEST images of dataset version %d of %s. They do not cover"
                        .formatted(
                                sources.run().data().datasetVersion(),
                                sources.run().data().project())
                + " another camera, other light, or another kind of item.");
        limits.addAll(warnings(sources));
        if (sources.made().control() == null) {
            limits.add("No control shows what is reached without what the model has learned.");
        }
        fewImages(sources, counts, limits);
        figures(sources.report(), limits);
        ModelManifest model = sources.lineage().model();
        if (model != null) {
            limits.addAll(model.warnings());
        }
        if (sources.lineage().trained() == null) {
            limits.add("The run that trained the model was deleted: what it has learned from is not known here.");
        }
        return List.copyOf(limits);
    }

    private static void fewImages(ReportSources sources, ImageCounts counts, List<String> limits) {
        boolean detector = sources.report().task() == Task.ANOMALY_DETECTION;
        if (counts.learned()) {
            // An anomaly detector need not learn from abnormal images.
            add(
                    limits,
                    "Labels with fewer than " + FEW_IMAGES + " TRAIN images: ",
                    counts.rows().stream()
                            .filter(row -> row.train() < FEW_IMAGES)
                            .filter(row -> !detector || row.label().equals(DatasetManifest.NORMAL))
                            .map(row -> row.label() + " (" + row.train() + ")")
                            .toList());
        }
        add(
                limits,
                "Labels with fewer than " + FEW_IMAGES + " TEST images, whose figures are uncertain: ",
                counts.rows().stream()
                        .filter(row -> row.test() > 0 && row.test() < FEW_IMAGES)
                        .map(row -> row.label() + " (" + row.test() + ")")
                        .toList());
        add(
                limits,
                "Labels without TEST images, which are not evaluated: ",
                counts.rows().stream()
                        .filter(row -> row.test() == 0)
                        .map(ImageCounts.Row::label)
                        .toList());
    }

    private static void figures(EvaluationReport report, List<String> limits) {
        add(
                limits,
                "Labels that no TEST image is rightly predicted as: ",
                labels(report, label -> label.support() > 0 && label.recall() == 0));
        Estimate error = report.metrics().get("ece");
        if (error != null) {
            limits.add(String.format(
                    Locale.ROOT,
                    "The probability of the predicted label and the share of right predictions differ by %.1f percentage points on average.",
                    100 * error.value()));
        }
    }

    private static List<String> labels(EvaluationReport report, Predicate<ClassReport> condition) {
        return report.classes().stream()
                .filter(condition)
                .map(ClassReport::label)
                .toList();
    }

    private static void add(List<String> limits, String text, List<String> labels) {
        if (!labels.isEmpty()) {
            limits.add(text + named(labels) + ".");
        }
    }

    /** The first labels, and how many there are more. */
    static String named(List<String> labels) {
        int more = labels.size() - MAX_NAMED_LABELS;
        return String.join(", ", labels.subList(0, Math.min(MAX_NAMED_LABELS, labels.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
