package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** Figures of an evaluation as text. */
final class Figures {
    private Figures() {}

    /** A number with four digits after the point; nothing if it is absent. */
    static String text(JsonNode number) {
        return number.isNumber() ? String.format(Locale.ROOT, "%.4f", number.asDouble()) : "";
    }

    /** {@code 0.9123 to 0.9531}; nothing if there is none. */
    static String interval(JsonNode estimate) {
        return estimate.path("low").isNumber() && estimate.path("high").isNumber()
                ? text(estimate.path("low")) + " to " + text(estimate.path("high"))
                : "";
    }
}
