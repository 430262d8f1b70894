package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.Bootstrap;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Percentile bootstrap, stratified by true class: each resample draws, with replacement, as many images of each class as
 * there are, so that no class is ever missing. Deterministic for given images and seed.
 *
 * <p>Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
 */
final class Intervals {
    private static final int RESAMPLES = 1000;
    private static final double CONFIDENCE = 0.95;

    private final int size;
    private final List<int[]> strata;
    private final long seed;

    /**
     * @param classes true class of each image
     */
    Intervals(int[] classes, long seed) {
        this.size = classes.length;
        this.seed = seed;
        Map<Integer, List<Integer>> byClass = new TreeMap<>();
        for (int i = 0; i < classes.length; i++) {
            byClass.computeIfAbsent(classes[i], _ -> new ArrayList<>()).add(i);
        }
        this.strata = byClass.values().stream()
                .map(images -> images.stream().mapToInt(i -> i).toArray())
                .toList();
    }

    Bootstrap description() {
        return new Bootstrap(RESAMPLES, CONFIDENCE, true, seed);
    }

    /**
     * Measures metrics on all images and on resamples. A metric that is not defined for all images is left out; one that
     * is not defined for some resample gets no interval.
     *
     * @param metrics computes metrics by name; its argument says how many times each image counts
     */
    Map<String, Estimate> measure(Function<int[], Map<String, Double>> metrics) {
        Map<String, double[]> resampled = new HashMap<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < RESAMPLES; i++) {
            int resample = i;
            metrics.apply(draw(random))
                    .forEach((name, value) ->
                            resampled.computeIfAbsent(name, _ -> new double[RESAMPLES])[resample] = value);
        }
        Map<String, Estimate> estimates = new LinkedHashMap<>();
        metrics.apply(Weights.ones(size)).forEach((name, value) -> {
            if (Double.isFinite(value)) {
                estimates.put(name, estimate(value, resampled.get(name)));
            }
        });
        return estimates;
    }

    private int[] draw(SplittableRandom random) {
        int[] weights = new int[size];
        for (int[] stratum : strata) {
            for (int i = 0; i < stratum.length; i++) {
                weights[stratum[random.nextInt(stratum.length)]]++;
            }
        }
        return weights;
    }

    private static Estimate estimate(double value, double[] resampled) {
        Arrays.sort(resampled); // NaN comes last
        if (!Double.isFinite(resampled[RESAMPLES - 1])) {
            return new Estimate(value, null, null);
        }
        return new Estimate(
                value, quantile(resampled, (1 - CONFIDENCE) / 2), quantile(resampled, (1 + CONFIDENCE) / 2));
    }

    /** Interpolates linearly between sorted values, as numpy does. */
    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
