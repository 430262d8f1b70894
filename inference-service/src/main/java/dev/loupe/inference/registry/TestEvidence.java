package dev.loupe.inference.registry;

import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.json.Json;

/**
 * What an evaluation of a version counted on TEST images, besides its metrics. Public, because Jdbi constructs only
 * public records.
 *
 * @param runId run that trained the version
 * @param testDigest digest of the TEST images and of their labels
 * @param images number of the images
 * @param labels counts by label
 * @param rightImages bit i, from the lowest of the first byte: whether the prediction for image i, ordered by sha256, is
 *     right; null if there are too many images
 */
public record TestEvidence(
        UUID runId, String testDigest, int images, @Json Map<String, LabelCount> labels, byte[] rightImages) {

    /**
     * Images of a label.
     *
     * @param images number of images with this label
     * @param right number of them that the version predicts the label of
     */
    public record LabelCount(int images, int right) {
        public LabelCount {
            if (images < 1 || right < 0 || right > images) {
                throw new IllegalArgumentException(
                        "images of a label: expected 1 or more, of which some are right, got " + images + " and "
                                + right);
            }
        }

        double recall() {
            return (double) right / images;
        }
    }

    public TestEvidence {
        labels = Map.copyOf(labels);
        if (images < 1) {
            throw new IllegalArgumentException("TEST images: expected 1 or more, got " + images);
        }
        if (rightImages != null && rightImages.length != (images + 7) / 8) {
            throw new IllegalArgumentException("right predictions: expected a bit for each of " + images
                    + " images, got " + rightImages.length + " bytes");
        }
    }

    boolean comparable(TestEvidence other) {
        return other != null && rightImages != null && other.rightImages != null && images == other.images;
    }
}
