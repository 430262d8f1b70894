package dev.loupe.training.report;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Average;
import dev.loupe.contracts.evaluation.EvaluationReport.Averages;
import dev.loupe.contracts.evaluation.EvaluationReport.Bootstrap;
import dev.loupe.contracts.evaluation.EvaluationReport.Calibration;
import dev.loupe.contracts.evaluation.EvaluationReport.CalibrationBin;
import dev.loupe.contracts.evaluation.EvaluationReport.ClassReport;
import dev.loupe.contracts.evaluation.EvaluationReport.ConfusionCell;
import dev.loupe.contracts.evaluation.EvaluationReport.CurvePoint;
import dev.loupe.contracts.evaluation.EvaluationReport.DefectReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Detection;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.evaluation.EvaluationReport.Localization;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryCurve;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryPoint;
import dev.loupe.contracts.evaluation.EvaluationReport.ProductReport;
import dev.loupe.contracts.evaluation.EvaluationReport.ScoreBin;
import dev.loupe.contracts.evaluation.EvaluationReport.Temperature;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Evaluations for the tests of reports. */
final class ReportScene {
    private static final Bootstrap BOOTSTRAP = new Bootstrap(1000, 0.95, true, 7);
    private static final Averages AVERAGES = new Averages(
            new Average(0.925, 0.925, 0.925), new Average(0.9167, 0.9267, 0.921), new Average(0.927, 0.925, 0.9255));

    private ReportScene() {}

    /** A classifier of the labels {@code good} and another one; 37 of 40 images are right. */
    static EvaluationReport classifier(String label) {
        Map<String, Estimate> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", new Estimate(37.0 / 40, 0.85, 1.0));
        metrics.put("macroF1", new Estimate(0.92101234567, 0.8, 0.98));
        metrics.put("ece", new Estimate(0.0625, null, null));
        return new EvaluationReport(
                Task.CLASSIFICATION,
                List.of("good", label),
                40,
                metrics,
                BOOTSTRAP,
                List.of(
                        new ClassReport(
                                "good",
                                25,
                                24,
                                23.0 / 24,
                                0.92,
                                0.93877551,
                                0.97,
                                0.98,
                                List.of(
                                        new CurvePoint(0, 0, null),
                                        new CurvePoint(0, 0.9, 0.5),
                                        new CurvePoint(1, 1, 0.1)),
                                List.of(new CurvePoint(0, 1, null), new CurvePoint(1, 0.625, 0.1))),
                        new ClassReport(label, 15, 16, 0.875, 14.0 / 15, 0.90322581, null, null, null, null)),
                AVERAGES,
                List.of(
                        new ConfusionCell("good", "good", 23),
                        new ConfusionCell("good", label, 2),
                        new ConfusionCell(label, label, 14),
                        new ConfusionCell(label, "good", 1)),
                new Calibration(
                        List.of(new CalibrationBin(0, 0.5, 0, null, null), new CalibrationBin(0.5, 1, 40, 0.9, 0.925)),
                        new Temperature(1.5, 12, 0.03, 0.2)),
                null);
    }

    /** A detector with the threshold 3 on 6 normal and 3 abnormal images, without masks. */
    static EvaluationReport detector() {
        return detector(Map.of(), new Detection(3, List.of(new ScoreBin(0, 2, 4, 0), new ScoreBin(2, 4, 2, 3))));
    }

    /** The same detector, with metrics of the pixels of 2 abnormal images; the third has no mask. */
    static EvaluationReport detectorWithMasks() {
        return detector(
                Map.of("aupro", new Estimate(0.8125, 0.75, 0.875)),
                new Detection(
                        3,
                        List.of(new ScoreBin(0, 2, 4, 0), new ScoreBin(2, 4, 2, 3)),
                        new Localization(8, 1, 6144, 100, 4, 0.3, 0),
                        List.of(new DefectReport("hole", 2, 1, 4, 0.78125)),
                        new MemoryCurve(
                                "auroc",
                                8,
                                List.of(new MemoryPoint(100, 0.5), new MemoryPoint(200, 0.75)),
                                null,
                                "Still improving at 200 patches."),
                        List.of(
                                new ProductReport("A", 4, 2, new Estimate(0.75, 0.5, 1.0), 1, 0, 6),
                                new ProductReport("B", 2, 1, null, 0, 1, null))));
    }

    private static EvaluationReport detector(Map<String, Estimate> ofPixels, Detection detection) {
        Map<String, Estimate> metrics = new LinkedHashMap<>();
        metrics.put("auroc", new Estimate(0.875, 0.75, 1.0));
        metrics.put("precision", new Estimate(0.75, 0.5, 1.0));
        metrics.put("recall", new Estimate(2.0 / 3, 0.5, 1.0));
        metrics.putAll(ofPixels);
        return new EvaluationReport(
                Task.ANOMALY_DETECTION,
                List.of("normal", "abnormal"),
                9,
                metrics,
                BOOTSTRAP,
                List.of(
                        new ClassReport("normal", 6, 6, 0.8, 0.8, 0.8, null, null, null, null),
                        new ClassReport("abnormal", 3, 3, 0.75, 2.0 / 3, 0.7, 0.875, 0.9, null, null)),
                AVERAGES,
                List.of(new ConfusionCell("normal", "abnormal", 1), new ConfusionCell("abnormal", "abnormal", 2)),
                null,
                detection);
    }

    /** A classifier of many labels, of which one image of each is predicted as the next label. */
    static EvaluationReport manyLabels(int number) {
        List<String> labels =
                IntStream.range(0, number).mapToObj(i -> "label-" + i).toList();
        return new EvaluationReport(
                Task.CLASSIFICATION,
                labels,
                number,
                Map.of(),
                BOOTSTRAP,
                List.of(),
                AVERAGES,
                IntStream.range(0, number)
                        .mapToObj(i -> new ConfusionCell(labels.get(i), labels.get((i + 1) % number), 1 + i))
                        .toList(),
                null,
                null);
    }

    static Evaluation evaluation(EvaluationReport report, String run, String project) {
        return new Evaluation(
                Evaluation.FORMAT,
                new Evaluation.EvaluatedModel(run, 1, project, "ab".repeat(32), "0.1.0"),
                new Evaluation.EvaluationData("v", 1, "cd".repeat(32), "ef".repeat(32), Split.TEST),
                report,
                "2026-11-20T10:15:30Z");
    }
}
