package dev.loupe.training.report;

import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.ConfusionCell;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which labels are confused.
 *
 * @param labels labels of the confusion matrix; empty if there are too many for one
 * @param rows its rows, one for each true label
 * @param pairs the most frequent confusions, without a matrix
 */
record Confusions(List<String> labels, List<Row> rows, List<ConfusionCell> pairs) {
    /** Most labels of a matrix. */
    static final int MAX_LABELS = 30;

    private static final int MAX_PAIRS = 30;

    /** The images of a true label, by predicted label. */
    record Row(String label, List<Cell> cells) {}

    /**
     * @param strength share of the images of the true label in percent, for the colour
     * @param right whether the predicted label is the true one
     */
    record Cell(int images, long strength, boolean right) {}

    static Confusions of(EvaluationReport report) {
        List<String> labels = report.labels();
        if (labels.size() > MAX_LABELS) {
            return new Confusions(List.of(), List.of(), pairs(report.confusion()));
        }
        Map<String, Map<String, Integer>> counts = report.confusion().stream()
                .collect(Collectors.groupingBy(
                        ConfusionCell::truth,
                        Collectors.toMap(ConfusionCell::predicted, ConfusionCell::images, Integer::sum)));
        List<Row> rows = labels.stream()
                .map(truth -> row(truth, labels, counts.getOrDefault(truth, Map.of())))
                .toList();
        return new Confusions(labels, rows, List.of());
    }

    private static Row row(String truth, List<String> labels, Map<String, Integer> counts) {
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        return new Row(
                truth,
                labels.stream()
                        .map(predicted -> {
                            int images = counts.getOrDefault(predicted, 0);
                            return new Cell(
                                    images, all == 0 ? 0 : Math.round(100.0 * images / all), truth.equals(predicted));
                        })
                        .toList());
    }

    private static List<ConfusionCell> pairs(List<ConfusionCell> confusion) {
        return confusion.stream()
                .filter(cell -> !cell.truth().equals(cell.predicted()))
                .sorted(Comparator.comparingInt(ConfusionCell::images)
                        .reversed()
                        .thenComparing(ConfusionCell::truth)
                        .thenComparing(ConfusionCell::predicted))
                .limit(MAX_PAIRS)
                .toList();
    }
}
