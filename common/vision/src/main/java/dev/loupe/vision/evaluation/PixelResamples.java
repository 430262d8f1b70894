package dev.loupe.vision.evaluation;

import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Metrics of pixels on resamples of their images: an image is drawn with all of its pixels, which are not independent. */
final class PixelResamples {
    private final List<PixelSample> images;
    /** All scores that occur, ascending. */
    private final int[] keys;

    private final List<int[]> normal;
    private final List<int[]> defective;
    private final List<int[]> overlap;

    /**
     * @param images images with scores of the same precision
     */
    PixelResamples(List<PixelSample> images) {
        this.images = images;
        this.keys = images.stream()
                .flatMap(image -> List.of(image.normal(), image.defective()).stream())
                .flatMapToInt(weights -> Arrays.stream(weights.keys()))
                .sorted()
                .distinct()
                .toArray();
        this.normal = places(PixelSample::normal);
        this.defective = places(PixelSample::defective);
        this.overlap = places(PixelSample::overlap);
    }

    private List<int[]> places(Function<PixelSample, ScoreWeights> part) {
        return images.stream()
                .map(image -> Arrays.stream(part.apply(image).keys())
                        .map(key -> Arrays.binarySearch(keys, key))
                        .toArray())
                .toList();
    }

    Map<String, Estimate> estimates(long seed) {
        int[] abnormal =
                images.stream().mapToInt(image -> image.regions() > 0 ? 1 : 0).toArray();
        return new Intervals(abnormal, seed).measure(this::metrics);
    }

    private Map<String, Double> metrics(int[] times) {
        double regions = IntStream.range(0, times.length)
                .mapToDouble(i -> (double) times[i] * images.get(i).regions())
                .sum();
        return PixelScores.metrics(
                sum(times, normal, PixelSample::normal),
                sum(times, defective, PixelSample::defective),
                sum(times, overlap, PixelSample::overlap),
                regions);
    }

    private ScoreWeights sum(int[] times, List<int[]> places, Function<PixelSample, ScoreWeights> part) {
        double[] sums = new double[keys.length];
        for (int i = 0; i < times.length; i++) {
            if (times[i] == 0) {
                continue;
            }
            int[] at = places.get(i);
            double[] weights = part.apply(images.get(i)).weights();
            for (int k = 0; k < at.length; k++) {
                sums[at[k]] += times[i] * weights[k];
            }
        }
        return new ScoreWeights(keys, sums);
    }
}
