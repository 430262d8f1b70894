package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.loupe.cli.server.Json;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Prints results, for people or for machines. */
final class Output {
    private final OutputFormat format;
    private final PrintStream stream;

    Output(OutputFormat format, PrintStream stream) {
        this.format = format;
        this.stream = stream;
    }

    /** A column of a table: its title, and what it shows of an item. */
    record Column(String title, Function<JsonNode, String> value) {

        /** Shows a field; {@code a/b} is a field of a field. Nothing for null. */
        static Column of(String title, String field) {
            return new Column(title, item -> text(item.at("/" + field)));
        }
    }

    void list(List<JsonNode> items, Column... columns) {
        if (format == OutputFormat.JSON) {
            stream.println(Json.of(items).toPrettyString());
            return;
        }
        List<ColumnData<JsonNode>> data = new ArrayList<>();
        for (Column column : columns) {
            data.add(new com.github.freva.asciitable.Column()
                    .header(column.title())
                    .headerAlign(HorizontalAlign.LEFT)
                    .dataAlign(HorizontalAlign.LEFT)
                    .with(column.value()));
        }
        stream.println(AsciiTable.getTable(AsciiTable.NO_BORDERS, items, data));
    }

    /** One thing: as it came, or a sentence about it. */
    void item(JsonNode item, String sentence) {
        stream.println(format == OutputFormat.JSON ? item.toPrettyString() : sentence);
    }

    boolean isJson() {
        return format == OutputFormat.JSON;
    }

    /** Numbers shortened to four digits behind the point; maps as {@code name=value}. */
    static String text(JsonNode value) {
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
}
