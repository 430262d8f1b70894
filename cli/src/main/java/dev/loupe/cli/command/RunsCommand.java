package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "runs",
        description = "Lists training runs, shows one, compares some, or cancels one.",
        mixinStandardHelpOptions = true)
public final class RunsCommand implements Runnable {
    private static final Column METRICS = new Column("METRICS", run -> Output.metrics(run.path("metrics")));

    @Mixin
    private ServerOptions server;

    @Mixin
    private Filter filter;

    /** Which runs. */
    private static final class Filter {
        @Option(names = "--project", paramLabel = "PROJECT", description = "only its runs")
        private String project;

        @Option(names = "--state", paramLabel = "STATE", description = "only runs in this state")
        private String state;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "50",
                description = "the newest N (default: ${DEFAULT-VALUE})")
        private int limit;
    }

    @Override
    public void run() {
        list(server, filter);
    }

    @Command(name = "list", description = "Lists runs, the newest first.", mixinStandardHelpOptions = true)
    void list(@Mixin ServerOptions options, @Mixin Filter chosen) {
        if (chosen.limit < 1) {
            throw new UsageException("--limit: expected 1 or more, got " + chosen.limit);
        }
        try (Connection connection = options.connect()) {
            // An unknown project is an error; one that was never frozen has no runs, and training-service can't tell.
            boolean unfrozen = chosen.project != null
                    && connection.datasets().versions(chosen.project).isEmpty();
            options.output()
                    .list(
                            unfrozen
                                    ? List.of()
                                    : connection.training().runs(chosen.project, chosen.state, chosen.limit),
                            Column.whole("RUN", "id"),
                            Column.of("PROJECT", "project"),
                            Column.of("DATA", "datasetVersion"),
                            new Column("RECIPE", RunsCommand::recipe),
                            Column.of("SEED", "seed"),
                            Column.of("STATE", "state"),
                            METRICS,
                            Column.time("CREATED", "createdAt"));
        }
    }

    @Command(
            name = "show",
            description = "Shows all of a run: parameters, metrics, attempts.",
            mixinStandardHelpOptions = true)
    void show(@Mixin ServerOptions options, @Parameters(paramLabel = "RUN", description = "its id") String id) {
        try (Connection connection = options.connect()) {
            ObjectNode run = (ObjectNode) connection.training().run(id);
            run.set("attempts", Json.of(connection.training().attempts(id)));
            StringBuilder text = new StringBuilder();
            fields(run).forEach(field -> text.append(String.format("%-28s %s%n", field, value(run, field))));
            options.output().item(run, text.toString().stripTrailing());
        }
    }

    @Command(
            name = "compare",
            description = {
                "Shows runs side by side: data, parameters, seed and metrics.",
                "Metrics are comparable where the TEST images are the same; where they are not, it says so."
            },
            mixinStandardHelpOptions = true)
    void compare(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "RUN", arity = "2..20", description = "their ids") List<String> ids) {
        try (Connection connection = options.connect()) {
            JsonNode comparison = connection.training().compare(ids);
            if (options.output().isJson()) {
                options.output().item(comparison, "");
                return;
            }
            List<JsonNode> rows = new ArrayList<>();
            for (String field : List.of("project", "state", "trainSeconds")) {
                List<JsonNode> values = new ArrayList<>();
                comparison.path("runs").forEach(run -> values.add(run.path(field)));
                rows.add(row(field, values, false));
            }
            for (String kind : List.of("parameters", "metrics")) {
                comparison.path(kind).forEach(row -> {
                    List<JsonNode> values = new ArrayList<>();
                    row.path("values").forEach(values::add);
                    rows.add(row(
                            row.path("name").asText(),
                            values,
                            row.path("differs").asBoolean()));
                });
            }
            List<Column> columns = new ArrayList<>();
            columns.add(Column.of("", "field"));
            for (int i = 0; i < ids.size(); i++) {
                columns.add(Column.of("RUN " + (i + 1), Integer.toString(i)));
            }
            columns.add(Column.of("DIFFERS", "differs"));
            options.output().list(rows, columns.toArray(Column[]::new));
            if (!comparison.path("sameTestImages").asBoolean()) {
                System.out.println("The metrics are not comparable: the runs have different TEST images.");
            }
        }
    }

    private static JsonNode row(String field, List<JsonNode> values, boolean differs) {
        ObjectNode row = Json.object().put("field", field).put("differs", differs ? "*" : "");
        for (int i = 0; i < values.size(); i++) {
            row.set(Integer.toString(i), values.get(i));
        }
        return row;
    }

    /** Names of a run's values, {@code recipe.backbone} for a field of a field; empty ones are left out. */
    private static Set<String> fields(JsonNode run) {
        Set<String> fields = new LinkedHashSet<>();
        run.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (field.getKey().equals("metrics") && value instanceof ObjectNode metrics) {
                Output.ordered(metrics).fieldNames().forEachRemaining(metric -> fields.add("metrics." + metric));
            } else if (value.isObject()) {
                value.properties().stream()
                        .filter(inner -> !inner.getValue().isNull())
                        .forEach(inner -> fields.add(field.getKey() + "." + inner.getKey()));
            } else if (!value.isNull()) {
                fields.add(field.getKey());
            }
        });
        return fields;
    }

    private static String value(JsonNode run, String field) {
        return Output.text(run.at("/" + field.replace('.', '/')));
    }

    /** The recipe's word, its backbone, and the parameters that it was given. */
    private static String recipe(JsonNode run) {
        StringBuilder text =
                new StringBuilder(RecipeOptions.word(run.at("/recipe/type").asText()));
        run.path("recipe").properties().forEach(parameter -> {
            if (!parameter.getKey().equals("type") && !parameter.getValue().isNull()) {
                text.append(' ')
                        .append(parameter.getKey().equals("backbone") ? "" : parameter.getKey() + "=")
                        .append(Output.text(parameter.getValue()));
            }
        });
        return text.toString();
    }

    @Command(name = "cancel", description = "Cancels a run.", mixinStandardHelpOptions = true)
    void cancel(@Mixin ServerOptions options, @Parameters(paramLabel = "RUN", description = "its id") String run) {
        try (Connection connection = options.connect()) {
            options.output().item(connection.training().cancel(run), "Run " + run + " is being cancelled.");
        }
    }
}
