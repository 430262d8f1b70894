package dev.loupe.vision.recipe.patchcore;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Whether the images of several products have one memory. */
public enum Products {
    /** One memory of all images: an image may be like a normal image of any product. */
    SHARED,
    /** A memory, a whitening and a threshold for each product. */
    SEPARATE;

    /** The name in requests: {@code separate}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
