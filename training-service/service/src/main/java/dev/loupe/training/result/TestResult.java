package dev.loupe.training.result;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.training.NearestNormal;
import dev.loupe.contracts.training.SimilarImages.Similar;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TestResults.Slice;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What the model of a run predicts for a TEST image, and whether that is right.
 *
 * @param sha256 digest of the image
 * @param name name of the uploaded file
 * @param truth its label in the dataset version
 * @param defect kind of defect, absent if none
 * @param predicted predicted label
 * @param right whether {@code predicted} is {@code truth}
 * @param score probability of {@code predicted}, 0..1, or the anomaly score
 * @param margin how surely it is right; negative if it is wrong. For a classifier the probability of {@code truth} minus
 *     the highest one of another label; for an anomaly detector the distance of the score from the threshold, relative
 *     to the threshold
 * @param probabilities for a classifier, the probabilities of the most probable labels and of {@code truth}, the highest
 *     first; absent for an anomaly detector
 * @param heatmap whether it has a heatmap
 * @param nearest the normal TRAIN image that its most abnormal place is nearest to: what it looks unlike; absent unless it is
 *     wrong or abnormal, and the model remembers places of its TRAIN images
 * @param similar of a classifier, the TRAIN images that it looks most like, the most similar one first; absent unless its
 *     prediction is wrong or among the least sure ones, and its run looked for them
 * @param slice place of its heatmap, null if it has none
 */
public record TestResult(
        @Schema(required = true) String sha256,
        @Schema(required = true) String name,
        @Schema(required = true) String truth,
        @JsonInclude(Include.NON_EMPTY) String defect,
        @Schema(required = true) String predicted,
        @Schema(required = true) boolean right,
        @Schema(required = true) double score,
        @Schema(required = true) double margin,
        @JsonInclude(Include.NON_EMPTY) Map<String, Double> probabilities,
        @Schema(required = true) boolean heatmap,
        @JsonInclude(Include.NON_NULL) NearestNormal nearest,
        @JsonInclude(Include.NON_EMPTY) List<Similar> similar,
        @JsonIgnore Slice slice) {

    /**
     * @param threshold score from which an image is abnormal; null for a classifier
     * @param similar TRAIN images that it looks most like
     */
    static TestResult of(TestResults.Image image, Double threshold, List<Similar> similar) {
        return new TestResult(
                image.sha256(),
                image.name(),
                image.truth(),
                image.defect(),
                image.predicted(),
                image.right(),
                image.score(),
                image.margin(threshold),
                image.probabilities(),
                image.heatmap() != null,
                image.nearest(),
                similar,
                image.heatmap());
    }
}
