package dev.loupe.vision.anomaly;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;

/** Which feature maps of a backbone describe a place, by their strides: pixels between neighbouring places. */
public enum Layers {
    /** Small structures; four times as many places if the backbone has a map of stride 4. */
    FINE(4, 8),
    /** The layers 2 and 3 of the paper of PatchCore. */
    MIDDLE(8, 16),
    /** Large structures; few places. */
    COARSE(16, 32);

    private final List<Integer> strides;

    Layers(int fine, int coarse) {
        strides = List.of(fine, coarse);
    }

    /** The strides, from fine to coarse. */
    public List<Integer> strides() {
        return strides;
    }

    /** The name in requests: {@code middle}. */
    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
