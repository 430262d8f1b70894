package dev.loupe.vision.evaluation;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Calibration;
import dev.loupe.contracts.evaluation.EvaluationReport.ClassReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Computes the report of a classifier. */
public final class ClassificationReport {
    /** Most labels with curves: those with the lowest average precision. */
    static final int MAX_CURVES = 20;

    private static final List<Integer> TOP = List.of(2, 3, 5);
    /** Most scores whose areas under curves get an interval: more would take minutes. */
    private static final long MAX_RANKED = 2_000_000;

    private final List<String> labels;
    private final ClassProbabilities images;
    /** For each label; null if all images have it or none has. */
    private final List<BinaryMetrics> versusRest;

    private ClassificationReport(List<String> labels, ClassProbabilities images) {
        this.labels = labels;
        this.images = images;
        this.versusRest = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            BinaryMetrics scores = images.versusRest(i);
            versusRest.add(scores.measurable() ? scores : null);
        }
    }

    /**
     * @param labels labels of the model
     * @param images predictions for the images to report on, at least one
     * @param dev predictions for the DEV images, which the temperature is fitted to
     * @param seed seed of the random numbers of the intervals
     */
    public static EvaluationReport of(
            List<String> labels, ClassProbabilities images, ClassProbabilities dev, long seed) {
        return new ClassificationReport(labels, images).report(dev, seed);
    }

    private EvaluationReport report(ClassProbabilities dev, long seed) {
        Intervals intervals = new Intervals(images.truth(), seed);
        int[] once = Weights.ones(images.size());
        ConfusionMatrix matrix = images.confusion(once);
        Map<String, Estimate> metrics = intervals.measure(this::metrics);
        ranked(metrics, intervals);
        // Resamples have a larger calibration error than the images, so percentiles are no interval of it.
        metrics.put("ece", new Estimate(images.calibrationError(), null, null));
        return new EvaluationReport(
                Task.CLASSIFICATION,
                labels,
                images.size(),
                metrics,
                intervals.description(),
                classes(matrix),
                ConfusionFigures.averages(matrix),
                ConfusionFigures.counts(matrix, labels),
                new Calibration(images.bins(), temperature(dev, once)),
                null);
    }

    private Map<String, Double> metrics(int[] weights) {
        ConfusionMatrix matrix = images.confusion(weights);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", matrix.accuracy());
        metrics.put("balancedAccuracy", matrix.balancedAccuracy());
        for (int k : TOP) {
            if (k < labels.size()) {
                metrics.put("top" + k + "Accuracy", images.topAccuracy(k, weights));
            }
        }
        metrics.put("macroF1", matrix.macroF1());
        metrics.put("weightedF1", matrix.weighted(matrix::f1));
        metrics.put("kappa", matrix.kappa());
        metrics.put("mcc", matrix.mcc());
        metrics.put("logLoss", images.logLoss(weights));
        metrics.put("brier", images.brier(weights));
        return metrics;
    }

    /** Adds the means over the labels of the areas under their curves. */
    private void ranked(Map<String, Estimate> metrics, Intervals intervals) {
        if (versusRest.stream().allMatch(scores -> scores == null)) {
            return;
        }
        if ((long) images.size() * labels.size() <= MAX_RANKED) {
            metrics.putAll(intervals.measure(this::areas));
        } else {
            areas(Weights.ones(images.size()))
                    .forEach((name, value) -> metrics.put(name, new Estimate(value, null, null)));
        }
    }

    private Map<String, Double> areas(int[] weights) {
        Map<String, Double> areas = new LinkedHashMap<>();
        areas.put("macroAuroc", mean(weights, BinaryMetrics::auroc));
        areas.put("macroAveragePrecision", mean(weights, BinaryMetrics::averagePrecision));
        return areas;
    }

    @FunctionalInterface
    private interface Area {
        double of(BinaryMetrics scores, int[] weights);
    }

    private double mean(int[] weights, Area area) {
        return versusRest.stream()
                .filter(scores -> scores != null)
                .mapToDouble(scores -> area.of(scores, weights))
                .average()
                .orElseThrow();
    }

    private List<ClassReport> classes(ConfusionMatrix matrix) {
        double[] precisions = versusRest.stream()
                .mapToDouble(scores -> scores == null ? Double.NaN : scores.averagePrecision())
                .toArray();
        Set<Integer> withCurves = new HashSet<>(IntStream.range(0, labels.size())
                .filter(i -> versusRest.get(i) != null)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> precisions[i]))
                .limit(MAX_CURVES)
                .toList());
        List<ClassReport> classes = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            classes.add(ConfusionFigures.report(matrix, i, labels, versusRest.get(i), withCurves.contains(i)));
        }
        return classes;
    }

    private EvaluationReport.Temperature temperature(ClassProbabilities dev, int[] once) {
        if (dev.size() == 0) {
            return null;
        }
        double value = Temperature.fit(dev);
        ClassProbabilities scaled = images.at(value);
        return new EvaluationReport.Temperature(value, dev.size(), scaled.calibrationError(), scaled.logLoss(once));
    }
}
