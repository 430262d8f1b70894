package dev.loupe.inference.registry;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** One of the two versions that answer the requests to an alias with a candidate. */
public enum Arm {
    /** The version that the alias points at. */
    HOLDER,
    /** The version that gets a share of the requests before it is promoted. */
    CANDIDATE;

    /** The name in requests, answers and metrics: {@code holder} or {@code candidate}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the arm with this name; empty if there is none. */
    public static Optional<Arm> of(String text) {
        return Arrays.stream(values()).filter(arm -> arm.text().equals(text)).findFirst();
    }
}
