package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How a run compares with its control, what its losses show, and warnings about its model, in words. */
public final class ControlText {
    private ControlText() {}

    /** The control, the verdict and the advice; empty for a run without a control. */
    public static List<String> lines(JsonNode run) {
        JsonNode control = run.path("control");
        List<String> lines = new ArrayList<>();
        if (!control.isObject()) {
            return lines;
        }
        lines.add("Control (%s): %s %s on %s"
                .formatted(
                        control.path("name").asText(),
                        control.path("metric").asText(),
                        Figures.text(control.path("value")),
                        Output.count(
                                control.path("images").asInt(),
                                control.path("split").asText() + " image")));
        lines.add("Difference: " + difference(control.path("difference")) + ". The model is "
                + (control.path("verdict").asText().equals("BETTER")
                        ? "better than its control."
                        : "not shown to be better than its control."));
        control.path("advice").forEach(advice -> lines.add("- " + advice.asText()));
        return lines;
    }

    private static String difference(JsonNode difference) {
        String value =
                String.format(Locale.ROOT, "%+.4f", difference.path("value").asDouble());
        String interval = Figures.interval(difference);
        return interval.isEmpty() ? value : value + ", 95 % interval " + interval;
    }

    /** The warnings about the model of a run, a line for each; empty if there are none. */
    public static List<String> warnings(JsonNode run) {
        List<String> lines = new ArrayList<>();
        run.path("warnings").forEach(warning -> lines.add("Warning: " + warning.asText()));
        return lines;
    }

    /** The notes on the losses of a run, a line for each; empty if they show nothing. */
    static List<String> notes(JsonNode history) {
        List<String> lines = new ArrayList<>();
        history.path("notes").forEach(note -> {
            String kind = note.path("kind").asText();
            lines.add(kind.charAt(0) + kind.substring(1).toLowerCase(Locale.ROOT) + ": "
                    + note.path("evidence").asText() + " " + note.path("advice").asText());
        });
        return lines;
    }
}
