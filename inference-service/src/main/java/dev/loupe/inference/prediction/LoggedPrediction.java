package dev.loupe.inference.prediction;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A prediction in the log. What is null is absent.
 *
 * @param id UUIDv7: later predictions have greater ids
 * @param version number of the model version
 * @param thresholdVersion number of the threshold version of a detector
 * @param label predicted label; {@code normal} or {@code abnormal} of a detector
 * @param score probability of the label, or the anomaly score
 * @param calibratedScore 0 to 1, of a detector whose package has DEV scores
 * @param margin how much more probable the label is than the next one, of a classifier
 * @param product product that the image was compared with, of a detector with a memory for each product
 * @param latencyMillis time from the arrival of the request to its answer
 * @param imageSha256 digest of the encoded image; null if the request had none, or it was not measured
 * @param width pixels of the image, after EXIF orientation
 * @param height pixels of the image, after EXIF orientation
 * @param brightness mean grey value, 0 to 255
 * @param sharpness variance of the Laplacian
 * @param imageKept whether the image is in object storage
 * @param outcome the truth, if it was told
 * @param outcomeRevision how often it was told; 0: not yet
 */
@JsonInclude(Include.NON_NULL)
@Schema(name = "LoggedPrediction")
public record LoggedPrediction(
        @JsonIgnore UUID projectId,
        UUID id,
        Instant createdAt,
        int version,
        Integer thresholdVersion,
        Double threshold,
        String label,
        double score,
        Float calibratedScore,
        Float margin,
        String product,
        double latencyMillis,
        String imageSha256,
        String mediaType,
        Integer width,
        Integer height,
        Double brightness,
        Double sharpness,
        boolean imageKept,
        String outcome,
        int outcomeRevision,
        String outcomeActor,
        Instant outcomeAt) {

    /** A prediction whose image is not measured. */
    static LoggedPrediction of(UUID projectId, int version, double latencyMillis, AnsweredImage answered) {
        return new LoggedPrediction(
                projectId,
                answered.id(),
                PredictionIds.time(answered.id()),
                version,
                answered.threshold() == null ? null : answered.threshold().number(),
                answered.threshold() == null ? null : answered.threshold().value(),
                answered.label(),
                answered.score(),
                answered.calibratedScore(),
                answered.margin(),
                answered.product(),
                latencyMillis,
                null,
                null,
                null,
                null,
                null,
                null,
                false,
                null,
                0,
                null,
                null);
    }

    /** The prediction with what was measured of its image. */
    LoggedPrediction measured(MeasuredImage image, boolean kept) {
        return new LoggedPrediction(
                projectId,
                id,
                createdAt,
                version,
                thresholdVersion,
                threshold,
                label,
                score,
                calibratedScore,
                margin,
                product,
                latencyMillis,
                image.sha256(),
                image.mediaType(),
                image.width(),
                image.height(),
                image.brightness(),
                image.sharpness(),
                kept,
                outcome,
                outcomeRevision,
                outcomeActor,
                outcomeAt);
    }
}
