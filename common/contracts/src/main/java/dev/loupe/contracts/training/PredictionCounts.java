package dev.loupe.contracts.training;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How many TEST images a model predicts rightly, small enough for an event: two models on the same TEST images can be
 * compared image by image without their results.
 *
 * @param images number of TEST images
 * @param labels counts by label; empty if there are more than {@value #MAX_LABELS} labels
 * @param rightImages bit i, from the lowest of the first byte: whether the prediction for image i, ordered by sha256, is
 *     right; null if there are more than {@value #MAX_IMAGES} images
 */
public record PredictionCounts(int images, Map<String, LabelCount> labels, byte[] rightImages) {
    private static final int MAX_LABELS = 2_000;
    private static final int MAX_IMAGES = 2_000_000;

    /**
     * Images of a label.
     *
     * @param images number of images with this label
     * @param right number of them that the label is predicted of
     */
    public record LabelCount(int images, int right) {
        public LabelCount {
            if (images < 1 || right < 0 || right > images) {
                throw new IllegalArgumentException(
                        "counts of a label: expected 1 or more images, of which some are right, got " + images + " and "
                                + right);
            }
        }

        private LabelCount plus(LabelCount other) {
            return new LabelCount(images + other.images, right + other.right);
        }
    }

    public PredictionCounts {
        labels = labels == null ? Map.of() : Map.copyOf(labels);
        if (images < 1 || rightImages != null && rightImages.length != (images + 7) / 8) {
            throw new IllegalArgumentException("counts: expected 1 or more images, and a bit for each, got " + images
                    + (rightImages == null ? "" : " and " + rightImages.length + " bytes"));
        }
    }

    /** Counts results, of which there is one or more. */
    public static PredictionCounts of(List<TestResults.Image> results) {
        Map<String, LabelCount> labels = results.stream()
                .collect(Collectors.toMap(
                        TestResults.Image::truth,
                        image -> new LabelCount(1, isRight(image) ? 1 : 0),
                        LabelCount::plus,
                        TreeMap::new));
        return new PredictionCounts(
                results.size(),
                labels.size() > MAX_LABELS ? Map.of() : labels,
                results.size() > MAX_IMAGES ? null : rightImages(results));
    }

    private static byte[] rightImages(List<TestResults.Image> results) {
        List<TestResults.Image> sorted = results.stream()
                .sorted(Comparator.comparing(TestResults.Image::sha256))
                .toList();
        BitSet right = new BitSet();
        for (int i = 0; i < sorted.size(); i++) {
            right.set(i, isRight(sorted.get(i)));
        }
        byte[] bytes = new byte[(results.size() + 7) / 8];
        byte[] set = right.toByteArray(); // without the zero bytes at its end
        System.arraycopy(set, 0, bytes, 0, set.length);
        return bytes;
    }

    private static boolean isRight(TestResults.Image image) {
        return image.truth().equals(image.predicted());
    }
}
