package dev.loupe.vision.recipe;

import dev.loupe.vision.classification.ClassLoss;
import dev.loupe.vision.classification.ClassLoss.Imbalance;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of recipes whose loss can count classes with few images more. */
public record ImbalanceParameters(
        @Schema(description = "what is done about classes with few images")
        Imbalance imbalance,

        @Schema(description = "exponent of focal loss", minimum = "0", maximum = "10")
        double focalGamma) {
    /** All images count alike. */
    public static final ImbalanceParameters NONE = new ImbalanceParameters(Imbalance.NONE, 2);

    /**
     * The loss.
     *
     * @param labelSmoothing share of each target that is spread over all classes
     */
    public ClassLoss loss(double labelSmoothing) {
        return new ClassLoss(labelSmoothing, imbalance, focalGamma);
    }
}
