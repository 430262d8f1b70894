package dev.loupe.contracts.training;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a trained model predicts for each TEST image. The trainer writes it as {@code attempts/N/test-results.json},
 * before the result of the attempt. The heatmaps of all images are one object, {@code attempts/N/heatmaps.bin}: PNG
 * files, one after the other, because an object for each image would take more time to upload than to draw. So are the
 * thumbnails of the surest wrong predictions, {@code attempts/N/thumbnails.bin}: JPEG files.
 *
 * @param threshold score from which an image is abnormal; null for a classifier
 * @param images in the order of the dataset manifest
 * @param thumbnails places of the thumbnails, by the digest of the image
 */
@JsonInclude(Include.NON_NULL)
public record TestResults(
        Double threshold,
        List<Image> images,
        @JsonInclude(Include.NON_EMPTY) Map<String, Slice> thumbnails) {
    /** Most wrong predictions that have a thumbnail. */
    public static final int MAX_THUMBNAILS = 24;
    /** Most bytes of the document. */
    public static final long MAX_BYTES = 64L << 20;
    /** Most bytes of one heatmap or thumbnail. */
    public static final int MAX_HEATMAP_BYTES = 1 << 20;

    public TestResults {
        images = images == null ? List.of() : List.copyOf(images);
        thumbnails = thumbnails == null ? Map.of() : Map.copyOf(thumbnails);
    }

    /** Returns the wrong predictions, the surest first, at most {@link #MAX_THUMBNAILS}. */
    public static List<Image> surestErrors(List<Image> images, Double threshold) {
        return images.stream()
                .filter(image -> !image.right())
                .sorted(byMargin(threshold))
                .limit(MAX_THUMBNAILS)
                .toList();
    }

    /** The order from the surest wrong prediction to the surest right one. */
    public static Comparator<Image> byMargin(Double threshold) {
        return Comparator.comparingDouble((Image image) -> image.margin(threshold))
                .thenComparing(Image::sha256);
    }

    /** Key of the document of an attempt, in the run's folder. */
    public static String key(int attempt) {
        return "attempts/" + attempt + "/test-results.json";
    }

    /** Key of the heatmaps of an attempt, in the run's folder. */
    public static String heatmapsKey(int attempt) {
        return "attempts/" + attempt + "/heatmaps.bin";
    }

    /** Key of the thumbnails of an attempt, in the run's folder. */
    public static String thumbnailsKey(int attempt) {
        return "attempts/" + attempt + "/thumbnails.bin";
    }

    /**
     * The result for an image.
     *
     * @param sha256 digest of the encoded image
     * @param name name of the uploaded file
     * @param truth true label
     * @param defect kind of defect, null if none
     * @param predicted predicted label
     * @param score probability of the predicted label, or the anomaly score
     * @param probabilities for a classifier, the probabilities of the most probable labels and of the true one, the
     *     highest first; empty for an anomaly detector
     * @param heatmap place of its heatmap, null if it has none
     * @param nearest the normal image that its most abnormal place is nearest to; null unless a detector remembers places of
     *     its TRAIN images
     */
    @JsonInclude(Include.NON_NULL)
    public record Image(
            String sha256,
            String name,
            String truth,
            String defect,
            String predicted,
            double score,
            @JsonInclude(Include.NON_EMPTY) Map<String, Double> probabilities,
            Slice heatmap,
            NearestNormal nearest) {
        public Image {
            if (sha256 == null || name == null || truth == null || predicted == null || !Double.isFinite(score)) {
                throw new IllegalArgumentException(
                        "test result: expected digest, name, truth, prediction and a finite score, got '" + sha256
                                + "', '" + name + "', '" + truth + "', '" + predicted + "', " + score);
            }
            probabilities =
                    probabilities == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(probabilities));
        }

        /** The result for an image without a nearest normal one. */
        public Image(
                String sha256,
                String name,
                String truth,
                String defect,
                String predicted,
                double score,
                Map<String, Double> probabilities,
                Slice heatmap) {
            this(sha256, name, truth, defect, predicted, score, probabilities, heatmap, null);
        }

        /** Whether the prediction is the truth. */
        @JsonIgnore
        public boolean right() {
            return predicted.equals(truth);
        }

        /**
         * How surely the prediction is right; negative if it is wrong. For a classifier the probability of the true
         * label minus the highest one of another label; for an anomaly detector the distance of the score from the
         * threshold, relative to the threshold.
         *
         * @param threshold score from which an image is abnormal; null for a classifier
         */
        public double margin(Double threshold) {
            double distance =
                    threshold == null ? lead() : Math.abs(score - threshold) / (threshold > 0 ? threshold : 1);
            return right() ? distance : -distance;
        }

        /** How far the predicted label is ahead: of the true one, or if it is right, of the second. */
        private double lead() {
            double other = probabilities.entrySet().stream()
                    .filter(label -> right()
                            ? !label.getKey().equals(predicted)
                            : label.getKey().equals(truth))
                    .mapToDouble(Map.Entry::getValue)
                    .max()
                    .orElse(0);
            return score - other;
        }
    }

    /** A part of the object with the heatmaps, or of that with the thumbnails. */
    public record Slice(long offset, int length) {
        public Slice {
            if (offset < 0 || length < 1 || length > MAX_HEATMAP_BYTES) {
                throw new IllegalArgumentException(
                        "heatmap or thumbnail: expected an offset from 0 and a length from 1 to " + MAX_HEATMAP_BYTES
                                + ", got " + offset + " and " + length);
            }
        }
    }
}
