package dev.loupe.vision.recipe.padim;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a covariance is estimated from few images. */
public enum CovarianceEstimate {
    /**
     * Shrunk towards a multiple of the identity by the share that is expected to be best: Ledoit and Wolf, "A
     * Well-Conditioned Estimator for Large-Dimensional Covariance Matrices", Journal of Multivariate Analysis 88, 2004.
     */
    LEDOIT_WOLF,
    /** The covariance of the sample, divided by the number of images. */
    SAMPLE;

    /** The name in requests: {@code ledoit-wolf}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
