package dev.loupe.inference.drift;

import dev.loupe.inference.prediction.LoggedPrediction;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What of predictions is watched for drift. */
@Schema(name = "DriftMeasure")
enum DriftMeasure {
    /** Probability of the predicted label, or the anomaly score. */
    SCORE(LoggedPrediction::score),
    /** How much more probable the label is than the next one, of a classifier. */
    MARGIN(prediction ->
            prediction.margin() == null ? null : prediction.margin().doubleValue()),
    /** Mean grey value of the image. */
    BRIGHTNESS(LoggedPrediction::brightness),
    /** Variance of the Laplacian of the image. */
    SHARPNESS(LoggedPrediction::sharpness),
    /** Number of the pixels of the image. */
    SIZE(prediction -> prediction.width() == null ? null : (double) prediction.width() * prediction.height());

    private final Function<LoggedPrediction, Double> value;

    DriftMeasure(Function<LoggedPrediction, Double> value) {
        this.value = value;
    }

    /** The value of a prediction; null if it has none. */
    Double of(LoggedPrediction prediction) {
        return value.apply(prediction);
    }
}
