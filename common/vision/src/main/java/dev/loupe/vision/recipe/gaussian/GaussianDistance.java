package dev.loupe.vision.recipe.gaussian;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far an image is from the Gaussian of the normal ones. */
public enum GaussianDistance {
    /** The length of what the principal components do not reconstruct. */
    RECONSTRUCTION,
    /** The Mahalanobis distance, within the components and outside. */
    MAHALANOBIS;

    /** The name in requests: {@code mahalanobis}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
