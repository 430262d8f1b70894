package dev.loupe.vision.evaluation;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.DefectReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Detection;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.evaluation.EvaluationReport.ScoreBin;
import dev.loupe.model.ClopperPearson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Computes the report of an anomaly detector. */
public final class AnomalyReport {
    static final int BINS = 30;

    private static final double CONFIDENCE = 0.95;

    private AnomalyReport() {}

    /** The report on images without kinds of defects and masks. */
    public static EvaluationReport of(List<String> labels, BinaryMetrics scores, double threshold, long seed) {
        return of(labels, scores, Collections.nCopies(scores.size(), null), new PixelScores(), threshold, seed);
    }

    /**
     * @param labels the normal label, then the abnormal one
     * @param scores scores of the images to report on, at least one
     * @param defects kind of defect of each image, null if none
     * @param pixels scores of the pixels of the images with masks, and of normal images
     * @param threshold score from which an image is abnormal
     * @param seed seed of the random numbers of the intervals
     */
    public static EvaluationReport of(
            List<String> labels,
            BinaryMetrics scores,
            List<String> defects,
            PixelScores pixels,
            double threshold,
            long seed) {
        int[] truth = IntStream.range(0, scores.size())
                .map(i -> scores.isPositive(i) ? 1 : 0)
                .toArray();
        Intervals intervals = new Intervals(truth, seed);
        ConfusionMatrix matrix = scores.at(threshold);
        boolean measurable = scores.measurable();
        Map<String, Estimate> metrics =
                new LinkedHashMap<>(intervals.measure(weights -> metrics(scores, threshold, weights)));
        putRates(metrics, matrix, scores);
        metrics.putAll(pixels.estimates(seed));
        return new EvaluationReport(
                Task.ANOMALY_DETECTION,
                labels,
                scores.size(),
                metrics,
                intervals.description(),
                List.of(
                        ConfusionFigures.report(matrix, 0, labels, null, false),
                        ConfusionFigures.report(matrix, 1, labels, measurable ? scores : null, measurable)),
                ConfusionFigures.averages(matrix),
                ConfusionFigures.counts(matrix, labels),
                null,
                new Detection(
                        threshold,
                        histogram(scores),
                        pixels.measurable() ? pixels.description() : null,
                        defects(scores, defects, pixels, threshold),
                        null,
                        List.of()));
    }

    private static List<DefectReport> defects(
            BinaryMetrics scores, List<String> defects, PixelScores pixels, double threshold) {
        SortedMap<String, List<Integer>> images = IntStream.range(0, scores.size())
                .filter(i -> defects.get(i) != null && scores.isPositive(i))
                .boxed()
                .collect(Collectors.groupingBy(defects::get, TreeMap::new, Collectors.toList()));
        return images.entrySet().stream()
                .map(kind -> new DefectReport(
                        kind.getKey(),
                        kind.getValue().size(),
                        (int) kind.getValue().stream()
                                .filter(i -> scores.score(i) >= threshold)
                                .count(),
                        pixels.regions(kind.getKey()),
                        pixels.aupro(kind.getKey())))
                .toList();
    }

    private static Map<String, Double> metrics(BinaryMetrics scores, double threshold, int[] weights) {
        ConfusionMatrix matrix = scores.at(threshold, weights);
        Map<String, Double> metrics = new LinkedHashMap<>();
        if (scores.measurable()) {
            metrics.put("auroc", scores.auroc(weights));
            metrics.put("averagePrecision", scores.averagePrecision(weights));
        }
        metrics.put("accuracy", matrix.accuracy());
        metrics.put("balancedAccuracy", matrix.balancedAccuracy());
        if (scores.positives() > 0) {
            metrics.put("precision", matrix.precision(1));
            metrics.put("recall", matrix.recall(1));
            metrics.put("f1", matrix.f1(1));
        }
        if (scores.measurable()) {
            metrics.put("kappa", matrix.kappa());
            metrics.put("mcc", matrix.mcc());
        }
        return metrics;
    }

    /** The rates of false alarms and misses, with exact intervals: a bootstrap of a rate of 0 has none. */
    private static void putRates(Map<String, Estimate> metrics, ConfusionMatrix matrix, BinaryMetrics scores) {
        putRate(metrics, "falsePositiveRate", matrix.counts()[0][1], scores.negatives());
        putRate(metrics, "missRate", matrix.counts()[1][0], scores.positives());
    }

    private static void putRate(Map<String, Estimate> metrics, String name, long events, int images) {
        if (images > 0) {
            ClopperPearson.Interval interval = ClopperPearson.interval(events, images, CONFIDENCE);
            metrics.put(name, new Estimate((double) events / images, interval.lower(), interval.upper()));
        }
    }

    private static List<ScoreBin> histogram(BinaryMetrics scores) {
        double[] values =
                IntStream.range(0, scores.size()).mapToDouble(scores::score).toArray();
        double least = Arrays.stream(values).min().orElseThrow();
        double most = Arrays.stream(values).max().orElseThrow();
        double width = (most - least) / BINS;
        int[][] counts = new int[BINS][2];
        for (int i = 0; i < values.length; i++) {
            int bin = width == 0 ? 0 : Math.clamp((int) ((values[i] - least) / width), 0, BINS - 1);
            counts[bin][scores.isPositive(i) ? 1 : 0]++;
        }
        List<ScoreBin> bins = new ArrayList<>();
        for (int i = 0; i < BINS; i++) {
            bins.add(new ScoreBin(least + i * width, least + (i + 1) * width, counts[i][0], counts[i][1]));
        }
        return bins;
    }
}
