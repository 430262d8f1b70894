package dev.loupe.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;

/** Figures of an evaluation as text. */
public final class Figures {
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
            Map.entry("kappa", "Cohen's kappa"),
            Map.entry("mcc", "Matthews correlation"),
            Map.entry("logLoss", "log loss"),
            Map.entry("brier", "Brier score"),
            Map.entry("ece", "expected calibration error"));

    private Figures() {}

    /** Name of a metric for people. */
    static String name(String metric) {
        return NAMES.getOrDefault(metric, metric);
    }

    /** A number with four digits after the point; nothing if it is absent. */
    public static String text(JsonNode number) {
        return number.isNumber() ? String.format(Locale.ROOT, "%.4f", number.asDouble()) : "";
    }

    /** {@code 0.9123 to 0.9531}; nothing if there is none. */
    public static String interval(JsonNode estimate) {
        return estimate.path("low").isNumber() && estimate.path("high").isNumber()
                ? text(estimate.path("low")) + " to " + text(estimate.path("high"))
                : "";
    }
}
