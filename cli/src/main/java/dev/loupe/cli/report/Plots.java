package dev.loupe.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.report.Plot.Builder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;

/** The plots of an evaluation. */
final class Plots {
    /** Most curves in a plot: those of the labels with the lowest average precision. */
    private static final int MAX_CURVES = 6;

    private Plots() {}

    /** @param report {@code report} of an evaluation */
    static List<Plot> of(JsonNode report) {
        List<Plot> plots = new ArrayList<>();
        List<JsonNode> classes = StreamSupport.stream(report.path("classes").spliterator(), false)
                .filter(label -> !label.path("roc").isEmpty())
                .sorted(Comparator.comparingDouble(
                        label -> label.path("averagePrecision").asDouble()))
                .limit(MAX_CURVES)
                .toList();
        if (!classes.isEmpty()) {
            Builder roc = new Builder("ROC curve", 0, 1, 1);
            roc.line("reference", 0, 0, 1, 1);
            curves(roc, classes, "roc", "auroc");
            plots.add(roc.build("false-positive rate", "true-positive rate"));
            Builder precisionRecall = new Builder("Precision and recall", 0, 1, 1);
            curves(precisionRecall, classes, "precisionRecall", "averagePrecision");
            plots.add(precisionRecall.build("recall", "precision"));
        }
        if (!report.at("/calibration/bins").isEmpty()) {
            plots.add(reliability(report.at("/calibration/bins")));
        }
        if (!report.at("/detection/histogram").isEmpty()) {
            plots.add(scores(report.path("detection")));
        }
        return plots;
    }

    private static void curves(Builder plot, List<JsonNode> classes, String curve, String area) {
        for (int i = 0; i < classes.size(); i++) {
            List<Double> points = new ArrayList<>();
            classes.get(i).path(curve).forEach(point -> {
                points.add(point.path("x").asDouble());
                points.add(point.path("y").asDouble());
            });
            plot.line("c" + i, points.stream().mapToDouble(value -> value).toArray());
            plot.legend(
                    "c" + i,
                    classes.get(i).path("label").asText() + ": "
                            + Figures.text(classes.get(i).path(area)));
        }
    }

    private static Plot reliability(JsonNode bins) {
        Builder plot = new Builder("Reliability", 0, 1, 1);
        bins.forEach(bin -> {
            if (bin.path("images").asInt() > 0) {
                plot.bar(
                        "c0",
                        bin.path("low").asDouble(),
                        bin.path("high").asDouble(),
                        0,
                        bin.path("accuracy").asDouble(),
                        bin.path("images").asInt() + " images: probability " + Figures.text(bin.path("confidence"))
                                + ", right " + Figures.text(bin.path("accuracy")));
            }
        });
        plot.line("reference", 0, 0, 1, 1);
        return plot.build("probability of the predicted label", "share that is right");
    }

    private static Plot scores(JsonNode detection) {
        JsonNode bins = detection.path("histogram");
        double most = StreamSupport.stream(bins.spliterator(), false)
                .mapToDouble(
                        bin -> bin.path("normal").asInt() + bin.path("abnormal").asInt())
                .max()
                .orElse(1);
        double threshold = detection.path("threshold").asDouble();
        double left = Math.min(threshold, bins.get(0).path("low").asDouble());
        double right =
                Math.max(threshold, bins.get(bins.size() - 1).path("high").asDouble());
        Builder plot = new Builder("Anomaly scores", left, right, most);
        bins.forEach(bin -> {
            double low = bin.path("low").asDouble();
            double high = bin.path("high").asDouble();
            int normal = bin.path("normal").asInt();
            int abnormal = bin.path("abnormal").asInt();
            if (normal > 0) {
                plot.bar("c0", low, high, 0, normal, normal + " normal");
            }
            if (abnormal > 0) {
                plot.bar("c1", low, high, normal, normal + abnormal, abnormal + " abnormal");
            }
        });
        plot.line("reference", threshold, 0, threshold, most);
        plot.legend("c0", "normal");
        plot.legend("c1", "abnormal");
        plot.legend("reference", "threshold " + Figures.text(detection.path("threshold")));
        return plot.build("score", "images");
    }
}
