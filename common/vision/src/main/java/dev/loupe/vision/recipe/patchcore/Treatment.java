package dev.loupe.vision.recipe.patchcore;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What is done to the features of a place before they are compared. */
public enum Treatment {
    /** Principal components, each of variance 1 over the TRAIN patches. */
    WHITENED,
    /** Vectors of length 1: the direction of the features counts, their strength does not. */
    L2,
    /** As the backbone gives them, as in the paper. */
    NONE;

    /** The name in requests: {@code whitened}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
