package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How a run chose among several recipes, in words. */
public final class SelectionText {
    private SelectionText() {}

    /** The candidates, a line for each, and why one was chosen; empty for a run that had no choice. */
    public static List<String> lines(JsonNode run) {
        JsonNode selection = run.path("selection");
        List<String> lines = new ArrayList<>();
        for (JsonNode candidate : selection.path("candidates")) {
            boolean chosen = candidate.path("name").equals(selection.path("chosen"));
            lines.add((chosen ? "* " : "  ") + candidate.path("name").asText() + ": " + result(candidate));
        }
        if (!lines.isEmpty()) {
            lines.addFirst("Candidates, measured on DEV:");
            lines.add("Chosen: " + selection.path("reason").asText());
        }
        return lines;
    }

    private static String result(JsonNode candidate) {
        return Stream.of(
                        Output.metrics(candidate.path("devMetrics")),
                        candidate.path("note").asText(""),
                        Math.round(candidate.path("seconds").asDouble()) + " s")
                .filter(part -> !part.isBlank())
                .collect(Collectors.joining(", "));
    }
}
