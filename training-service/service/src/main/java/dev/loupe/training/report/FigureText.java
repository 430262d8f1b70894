package dev.loupe.training.report;

import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import java.util.Locale;
import java.util.Map;

/** Figures of an evaluation as text. */
final class FigureText {
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("auroc", "AUROC"),
            Map.entry("averagePrecision", "average precision"),
            Map.entry("balancedAccuracy", "balanced accuracy"),
            Map.entry("f1", "F1"),
            Map.entry("macroF1", "F1, macro"),
            Map.entry("weightedF1", "F1, weighted"),
            Map.entry("macroAuroc", "AUROC, macro"),
            Map.entry("macroAveragePrecision", "average precision, macro"),
            Map.entry("top2Accuracy", "top-2 accuracy"),
            Map.entry("top3Accuracy", "top-3 accuracy"),
            Map.entry("top5Accuracy", "top-5 accuracy"),
            Map.entry("falsePositiveRate", "false-positive rate"),
            Map.entry("missRate", "miss rate"),
            Map.entry("kappa", "Cohen's kappa"),
            Map.entry("mcc", "Matthews correlation"),
            Map.entry("logLoss", "log loss"),
            Map.entry("brier", "Brier score"),
            Map.entry("ece", "expected calibration error"),
            Map.entry("pixelAuroc", "AUROC of pixels"),
            Map.entry("pixelAveragePrecision", "average precision of pixels"),
            Map.entry("aupro", "AUPRO"));

    /**
     * A figure of the report.
     *
     * @param text rounded, for people; empty if there is no figure
     * @param exact as the evaluation has it; empty if there is no figure
     */
    record Figure(String text, String exact) {
        static Figure of(Double value) {
            return value == null ? new Figure("", "") : new Figure(number(value), Double.toString(value));
        }
    }

    /**
     * A figure with its interval.
     *
     * @param low lower end; an empty figure without an interval
     * @param high upper end; an empty figure without an interval
     */
    record Interval(Figure value, Figure low, Figure high) {
        static Interval of(Estimate estimate) {
            return new Interval(Figure.of(estimate.value()), Figure.of(estimate.low()), Figure.of(estimate.high()));
        }
    }

    private FigureText() {}

    /** Name of a metric for people. */
    static String name(String metric) {
        return NAMES.getOrDefault(metric, metric);
    }

    /** A number with four digits after the point. */
    static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /** {@code 92.5 %}. */
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** A difference of shares: {@code +2.5}. */
    static String percentagePoints(double difference) {
        return String.format(Locale.ROOT, "%+.1f", 100 * difference);
    }

    /** {@code 1 TEST image}, {@code 2 TEST images}. */
    static String testImages(int number) {
        return number == 1 ? "1 TEST image" : number + " TEST images";
    }
}
