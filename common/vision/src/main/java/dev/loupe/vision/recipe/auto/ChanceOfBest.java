package dev.loupe.vision.recipe.auto;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * How probable it is that the best of several detectors has as high an AUROC if the scores say nothing about the labels: the
 * share of random permutations of the labels with which one of them reaches it. The best of many is high by chance more
 * often than one of them, and detectors that are alike are less than many; the permutations take both into account.
 *
 * <p>Source: Westfall and Young, "Resampling-Based Multiple Testing", 1993 (the distribution of the maximum).
 */
final class ChanceOfBest {
    private static final int PERMUTATIONS = 999;

    private ChanceOfBest() {}

    /**
     * Returns the probability, .001 or more. Deterministic for a seed.
     *
     * @param scores for each detector the scores of the images that it was measured on, by id
     * @param abnormal whether an image is abnormal, by id; all images that have scores
     * @param auroc the AUROC of the best
     */
    static double of(List<Map<String, Double>> scores, Map<String, Boolean> abnormal, double auroc, long seed) {
        Map<String, Integer> numbers = new HashMap<>();
        List<Boolean> labels = new ArrayList<>();
        new TreeMap<>(abnormal).forEach((id, label) -> {
            numbers.put(id, labels.size());
            labels.add(label);
        });
        List<Ranks> detectors =
                scores.stream().map(byId -> Ranks.of(byId, numbers)).toList();
        Random random = new Random(seed);
        int reached = 1;
        for (int i = 0; i < PERMUTATIONS; i++) {
            Collections.shuffle(labels, random);
            reached += detectors.stream().anyMatch(ranks -> ranks.auroc(labels) >= auroc) ? 1 : 0;
        }
        return reached / (PERMUTATIONS + 1.0);
    }

    /**
     * The ranks of the scores of a detector, from 1, those of equal scores their mean.
     *
     * @param images numbers of the images
     * @param ranks their ranks
     */
    private record Ranks(int[] images, double[] ranks) {
        static Ranks of(Map<String, Double> byId, Map<String, Integer> numbers) {
            List<Map.Entry<String, Double>> ascending = new ArrayList<>(byId.entrySet());
            ascending.sort(Map.Entry.comparingByValue());
            double[] ranks = new double[ascending.size()];
            for (int i = 0; i < ranks.length; ) {
                int end = i + 1;
                while (end < ranks.length
                        && ascending.get(end).getValue().equals(ascending.get(i).getValue())) {
                    end++;
                }
                Arrays.fill(ranks, i, end, (i + 1 + end) / 2.0);
                i = end;
            }
            return new Ranks(
                    ascending.stream()
                            .mapToInt(entry -> numbers.get(entry.getKey()))
                            .toArray(),
                    ranks);
        }

        /** By the rank sum; 0 if the images do not have both labels. */
        double auroc(List<Boolean> labels) {
            int[] positive = IntStream.range(0, images.length)
                    .filter(i -> labels.get(images[i]))
                    .toArray();
            double sum = Arrays.stream(positive).mapToDouble(i -> ranks[i]).sum();
            double pairs = (double) positive.length * (images.length - positive.length);
            return pairs == 0 ? 0 : (sum - positive.length * (positive.length + 1) / 2.0) / pairs;
        }
    }
}
