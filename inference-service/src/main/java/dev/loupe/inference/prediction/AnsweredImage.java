package dev.loupe.inference.prediction;

import com.google.protobuf.ByteString;
import dev.loupe.inference.registry.CurrentThreshold;
import java.util.UUID;

/**
 * A prediction that was made for one image.
 *
 * @param id id of the prediction
 * @param threshold what decided; null for a classifier
 * @param label predicted label; {@code normal} or {@code abnormal} of a detector
 * @param score probability of the label, or the anomaly score
 * @param calibratedScore null for a classifier, and without DEV scores in the package
 * @param margin how much more probable the label is than the next one; null for a detector
 * @param product product that the image was compared with; null if the version does not tell products apart
 * @param image the encoded image; null if the request had none
 */
public record AnsweredImage(
        UUID id,
        CurrentThreshold threshold,
        String label,
        double score,
        Float calibratedScore,
        Float margin,
        String product,
        ByteString image) {}
