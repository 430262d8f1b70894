package dev.loupe.training.imported;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.training.ImageFraming;
import dev.loupe.contracts.training.ImageFraming.ChannelOrder;
import dev.loupe.model.imported.ImportedClassifier.Scores;
import dev.loupe.model.trial.InputLayout;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jdbi.v3.core.mapper.reflect.ColumnName;

/**
 * A classifier that was trained elsewhere, as it was uploaded. A run makes a model version of it.
 *
 * @param id id of it
 * @param project name of its project
 * @param projectId id of its project
 * @param name name within its project
 * @param sha256 digest of the ONNX file
 * @param size size of the ONNX file in bytes
 * @param labels labels in the order of its outputs
 * @param inputSize side of the square that images are resized to, null if the file declares it
 * @param output name of its output, null if it has only one that fits
 * @param scale the input is {@code (x / scale - mean) / std} for x in 0..255
 * @param mean mean of each colour channel, R, G, B
 * @param std standard deviation of each colour channel, R, G, B
 * @param fit what is done about another aspect ratio than that of its input: {@code stretch}, {@code pad}, {@code crop}
 * @param centerCrop share of the width and height of an image that it sees, in the middle
 * @param channelOrder order of the channels of its input
 * @param width width of its input in pixels
 * @param height height of its input in pixels
 * @param layout order of the dimensions of its input
 * @param scores what its output is: probabilities, or logits that softmax turns into probabilities
 * @param createdAt time of the upload
 */
@JsonInclude(Include.NON_NULL)
public record ImportedModel(
        @Schema(required = true) UUID id,
        @Schema(required = true) @ColumnName("project_name") String project,

        @JsonIgnore UUID projectId,
        @Schema(required = true) String name,
        @Schema(required = true) String sha256,
        @Schema(required = true) long size,
        @Schema(required = true) List<String> labels,
        Integer inputSize,
        String output,
        @Schema(required = true) float scale,
        @Schema(required = true) List<Float> mean,
        @Schema(required = true) List<Float> std,
        @Schema(required = true) String fit,
        @Schema(required = true) double centerCrop,
        @Schema(required = true) ChannelOrder channelOrder,
        @Schema(required = true) int width,
        @Schema(required = true) int height,
        @Schema(required = true) InputLayout layout,
        @Schema(required = true) Scores scores,
        @Schema(required = true) Instant createdAt) {

    /** Whether it is the same file, used in the same way. */
    boolean isSame(ImportedModel other) {
        return sha256.equals(other.sha256)
                && labels.equals(other.labels)
                && Objects.equals(inputSize, other.inputSize)
                && Objects.equals(output, other.output)
                && scale == other.scale
                && mean.equals(other.mean)
                && std.equals(other.std)
                && framing().equals(other.framing());
    }

    ImageFraming framing() {
        return new ImageFraming(fit, centerCrop, channelOrder);
    }
}
