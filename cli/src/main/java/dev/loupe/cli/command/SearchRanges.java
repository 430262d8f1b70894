package dev.loupe.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Json;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.Parameter;
import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ranges of parameters as they are typed: {@code 0.1..0.5}, {@code log:1e-4..1e-1}, {@code adam,sgd}. */
final class SearchRanges {
    private static final Pattern INTERVAL = Pattern.compile("(log:)?(.+?)\\.\\.(.+)");

    private SearchRanges() {}

    /**
     * The ranges as the API takes them.
     *
     * @throws UsageException if a number cannot be read
     */
    static ObjectNode json(CatalogueEntry recipe, Map<String, String> typed) {
        ObjectNode space = Json.object();
        typed.forEach((name, text) ->
                space.set(name, range(name, text, recipe.parametersByName().get(name))));
        return space;
    }

    private static ObjectNode range(String name, String text, Parameter parameter) {
        ObjectNode range = Json.object();
        Matcher interval = INTERVAL.matcher(text);
        if (interval.matches()) {
            range.put("min", number(name, text, interval.group(2)));
            range.put("max", number(name, text, interval.group(3)));
            if (interval.group(1) != null) {
                range.put("log", true);
            }
            return range;
        }
        ArrayNode values = range.putArray("values");
        for (String value : text.split(",", -1)) {
            try {
                if (parameter != null && !parameter.type().equals("string")) {
                    values.add(Json.read(value));
                    continue;
                }
            } catch (JsonProcessingException notJson) {
                // refused by the service, with what was expected
            }
            values.add(value);
        }
        return range;
    }

    private static BigDecimal number(String name, String text, String number) {
        try {
            return new BigDecimal(number.strip());
        } catch (NumberFormatException e) {
            throw new UsageException(
                    "--space " + name + ": expected MIN..MAX, log:MIN..MAX or values with commas between, got '" + text
                            + "'",
                    e);
        }
    }
}
