package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.server.Json;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Prints results, for people or for machines. */
public final class Output {
    private static final String METRICS = "metrics";
    /** The metrics that models are compared by come first. */
    private static final List<String> FIRST_METRICS = List.of("auroc", "accuracy");

    private final OutputFormat format;
    private final PrintStream stream;

    Output(OutputFormat format, PrintStream stream) {
        this.format = format;
        this.stream = stream;
    }

    /**
     * A column of a table.
     *
     * @param title its header
     * @param value what it shows of an item
     * @param whole whether a value stays in one line, such as an id that is copied
     */
    public record Column(String title, Function<JsonNode, String> value, boolean whole) {

        public Column(String title, Function<JsonNode, String> value) {
            this(title, value, false);
        }

        /** Shows a field; {@code a/b} is a field of a field. Nothing for null. */
        public static Column of(String title, String field) {
            return new Column(title, item -> text(item.at("/" + field)));
        }

        /** Shows a field that must not be broken into lines. */
        static Column whole(String title, String field) {
            return new Column(title, item -> text(item.at("/" + field)), true);
        }

        /** Shows a point in time to the minute, in UTC. */
        static Column time(String title, String field) {
            return new Column(title, item -> minute(item.at("/" + field)));
        }
    }

    public void list(List<? extends JsonNode> items, Column... columns) {
        items.forEach(Output::orderMetrics);
        if (isJson()) {
            stream.println(Json.of(items).toPrettyString());
            return;
        }
        stream.println(Table.of(items, List.of(columns)));
    }

    /** Prints one result: as JSON, or as a sentence. */
    public void item(JsonNode item, String sentence) {
        orderMetrics(item);
        stream.println(isJson() ? item.toPrettyString() : sentence);
    }

    public boolean isJson() {
        return format == OutputFormat.JSON;
    }

    /** {@code 1 image}, {@code 2 images}. */
    public static String count(long number, String noun) {
        return number + " " + (number == 1 ? noun : noun + "s");
    }

    /** {@code 2026-11-20 10:15}; nothing for null. */
    static String minute(JsonNode time) {
        String text = text(time);
        return text.length() < 16 ? text : text.substring(0, 16).replace('T', ' ');
    }

    /** Numbers shortened to four digits; maps as {@code name=value}. */
    public static String text(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (value.isFloatingPointNumber()) {
            return String.format(Locale.ROOT, "%.4g", value.asDouble());
        }
        if (value.isObject()) {
            List<String> pairs = new ArrayList<>();
            value.properties().forEach(field -> pairs.add(field.getKey() + "=" + text(field.getValue())));
            return String.join(" ", pairs);
        }
        return value.isArray() ? value.toString() : value.asText();
    }

    /** As {@link #text}, in the order of {@link #ordered}. */
    static String metrics(JsonNode metrics) {
        return metrics instanceof ObjectNode object ? text(ordered(object)) : "";
    }

    /** The services' maps have no order. */
    private static void orderMetrics(JsonNode item) {
        if (item instanceof ObjectNode object && object.path(METRICS) instanceof ObjectNode metrics) {
            object.set(METRICS, ordered(metrics));
        }
    }

    /** The metrics that models are compared by first, then the others by name. */
    static ObjectNode ordered(ObjectNode metrics) {
        ObjectNode ordered = Json.object();
        metrics.properties().stream()
                .sorted(Comparator.comparingInt((java.util.Map.Entry<String, JsonNode> metric) -> rank(metric.getKey()))
                        .thenComparing(java.util.Map.Entry::getKey))
                .forEach(metric -> ordered.set(metric.getKey(), metric.getValue()));
        return ordered;
    }

    private static int rank(String metric) {
        int place = FIRST_METRICS.indexOf(metric);
        return place < 0 ? FIRST_METRICS.size() : place;
    }
}
