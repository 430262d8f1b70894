package dev.loupe.training.report;

import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Calibration;
import dev.loupe.contracts.evaluation.EvaluationReport.CalibrationBin;
import dev.loupe.contracts.evaluation.EvaluationReport.ClassReport;
import dev.loupe.contracts.evaluation.EvaluationReport.CurvePoint;
import dev.loupe.contracts.evaluation.EvaluationReport.Detection;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryCurve;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryPoint;
import dev.loupe.contracts.evaluation.EvaluationReport.ScoreBin;
import dev.loupe.training.report.Plot.Builder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/** The plots of an evaluation. */
final class Plots {
    /** Most curves in a plot: those of the labels with the lowest average precision. */
    private static final int MAX_CURVES = 6;

    private Plots() {}

    static List<Plot> of(EvaluationReport report) {
        List<Plot> plots = new ArrayList<>();
        List<ClassReport> classes = report.classes().stream()
                .filter(label -> label.roc() != null && !label.roc().isEmpty())
                .sorted(Comparator.comparingDouble(Plots::averagePrecision))
                .limit(MAX_CURVES)
                .toList();
        if (!classes.isEmpty()) {
            Builder roc = new Builder("ROC curve", 0, 1, 1);
            roc.line("reference", 0, 0, 1, 1);
            curves(roc, classes, ClassReport::roc, ClassReport::auroc);
            plots.add(roc.build("false-positive rate", "true-positive rate"));
            Builder precisionRecall = new Builder("Precision and recall", 0, 1, 1);
            curves(precisionRecall, classes, ClassReport::precisionRecall, ClassReport::averagePrecision);
            plots.add(precisionRecall.build("recall", "precision"));
        }
        if (report.calibration() != null && !report.calibration().bins().isEmpty()) {
            plots.add(reliability(report.calibration(), report.metrics().get("ece")));
        }
        if (report.detection() != null && !report.detection().histogram().isEmpty()) {
            plots.add(scores(report.detection()));
        }
        if (report.detection() != null && report.detection().memoryCurve() != null) {
            plots.add(memory(report.detection().memoryCurve()));
        }
        return List.copyOf(plots);
    }

    private static double averagePrecision(ClassReport label) {
        return label.averagePrecision() == null ? 0 : label.averagePrecision();
    }

    private static void curves(
            Builder plot,
            List<ClassReport> classes,
            Function<ClassReport, List<CurvePoint>> curve,
            Function<ClassReport, Double> area) {
        for (int i = 0; i < classes.size(); i++) {
            ClassReport label = classes.get(i);
            List<CurvePoint> points = curve.apply(label);
            plot.line(
                    "c" + i,
                    points == null
                            ? new double[0]
                            : points.stream()
                                    .flatMapToDouble(point -> DoubleStream.of(point.x(), point.y()))
                                    .toArray());
            plot.legend(
                    "c" + i,
                    label.label() + ": "
                            + FigureText.Figure.of(area.apply(label)).text());
        }
    }

    private static Plot reliability(Calibration calibration, Estimate error) {
        Builder plot = new Builder("Reliability", 0, 1, 1);
        for (CalibrationBin bin : calibration.bins()) {
            if (bin.images() > 0) {
                plot.bar(
                        "c0",
                        bin.low(),
                        bin.high(),
                        0,
                        bin.accuracy(),
                        "%d images: probability %s, right %s"
                                .formatted(
                                        bin.images(),
                                        FigureText.number(bin.confidence()),
                                        FigureText.number(bin.accuracy())));
            }
        }
        plot.line("reference", 0, 0, 1, 1);
        if (error != null) {
            plot.legend("c0", "expected calibration error: " + FigureText.number(error.value()));
        }
        plot.legend("reference", "probabilities that are right");
        return plot.build("probability of the predicted label", "share that is right");
    }

    private static Plot memory(MemoryCurve curve) {
        List<MemoryPoint> points = curve.points();
        boolean auroc = curve.metric().equals("auroc");
        double most = auroc
                ? 1
                : points.stream().mapToDouble(MemoryPoint::value).max().orElse(1);
        Builder plot = new Builder("Size of the memory", 0, points.getLast().patches(), most);
        plot.line(
                "c0",
                points.stream()
                        .flatMapToDouble(point -> DoubleStream.of(point.patches(), point.value()))
                        .toArray());
        plot.legend("c0", curve.note());
        return plot.build("patches in the memory", auroc ? "AUROC on DEV" : "mean distance on DEV");
    }

    private static Plot scores(Detection detection) {
        List<ScoreBin> bins = detection.histogram();
        double most = bins.stream()
                .mapToDouble(bin -> bin.normal() + bin.abnormal())
                .max()
                .orElse(1);
        double threshold = detection.threshold();
        double left = Math.min(threshold, bins.getFirst().low());
        double right = Math.max(threshold, bins.getLast().high());
        Builder plot = new Builder("Anomaly scores", left, right, most);
        for (ScoreBin bin : bins) {
            if (bin.normal() > 0) {
                plot.bar("c0", bin.low(), bin.high(), 0, bin.normal(), bin.normal() + " normal");
            }
            if (bin.abnormal() > 0) {
                plot.bar(
                        "c1",
                        bin.low(),
                        bin.high(),
                        bin.normal(),
                        bin.normal() + bin.abnormal(),
                        bin.abnormal() + " abnormal");
            }
        }
        plot.line("reference", threshold, 0, threshold, most);
        plot.legend("c0", "normal");
        plot.legend("c1", "abnormal");
        plot.legend("reference", "threshold " + FigureText.number(threshold));
        return plot.build("score", "images");
    }
}
