package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "runs",
        description = "Lists runs, shows one and what was kept of it, compares some, cancels or deletes one.",
        subcommands = {EvaluationCommand.class, LabelIssuesCommand.class, LearningCurveCommand.class},
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
                names = "--kind",
                paramLabel = "KIND",
                description = "only runs of this kind: TRAINING, EVALUATION, IMPORT or EXTENSION")
        private String kind;

        @Option(names = "--trials", description = "trials of searches, too")
        private boolean trials;

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
        requireLimit(chosen.limit);
        try (Connection connection = options.connect()) {
            // An unknown project is an error; one that was never frozen has no runs, and training-service can't tell.
            boolean unfrozen = chosen.project != null
                    && connection.datasets().versions(chosen.project).isEmpty();
            RecipeCatalogue catalogue = RecipeCatalogue.builtIn();
            options.output()
                    .list(
                            unfrozen
                                    ? List.of()
                                    : connection
                                            .training()
                                            .runs(
                                                    chosen.project,
                                                    chosen.state,
                                                    chosen.kind,
                                                    chosen.trials,
                                                    chosen.limit),
                            Column.whole("RUN", "id"),
                            Column.of("PROJECT", "project"),
                            Column.of("DATA", "datasetVersion"),
                            new Column("RECIPE", run -> recipe(run, catalogue)),
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
            fields(run).stream()
                    .filter(field -> !field.startsWith("selection.")
                            && !field.startsWith("control.")
                            && !field.startsWith("warnings"))
                    .forEach(field -> text.append(String.format("%-28s %s%n", field, value(run, field))));
            Stream.of(
                            SelectionText.lines(run),
                            ControlText.lines(run),
                            ControlText.warnings(run),
                            ControlText.notes(connection.training().metrics(id, List.of("loss"))))
                    .flatMap(List::stream)
                    .forEach(line -> text.append(line).append(System.lineSeparator()));
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

    @Command(
            name = "metrics",
            description = {
                "Shows the metrics of a run over time, such as the loss after each epoch, of all attempts.",
                "Of a run with many steps, only every second, fourth, ... is kept."
            },
            mixinStandardHelpOptions = true)
    void metrics(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "RUN", description = "its id") String id,
            @Option(names = "--name", paramLabel = "NAME", description = "only this metric; can be repeated")
                    List<String> names) {
        try (Connection connection = options.connect()) {
            JsonNode history = connection.training().metrics(id, names == null ? List.of() : names);
            if (options.output().isJson()) {
                options.output().item(history, "");
                return;
            }
            List<JsonNode> rows = new ArrayList<>();
            history.path("series").forEach(series -> series.path("points")
                    .forEach(point -> rows.add(((ObjectNode) point).set("name", series.path("name")))));
            options.output()
                    .list(
                            rows,
                            Column.of("METRIC", "name"),
                            Column.of("ATTEMPT", "attempt"),
                            Column.of("PHASE", "phase"),
                            Column.of("STEP", "step"),
                            Column.of("VALUE", "value"),
                            Column.time("MEASURED", "at"));
        }
    }

    @Command(
            name = "results",
            description = {
                "Shows what the model of a run predicts for the TEST images, the wrong ones first.",
                "MARGIN says how surely a prediction is right; negative if it is wrong. LOOKS UNLIKE names the normal TRAIN",
                "image that the most abnormal place (PLACE, its middle) is nearest to, and the place in it, if the run knows.",
                "LOOKS LIKE names the TRAIN image that a classifier's image is most similar to, and its label."
            },
            mixinStandardHelpOptions = true)
    void results(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "RUN", description = "its id") String id,
            @Option(names = "--outcome", paramLabel = "OUTCOME", description = "only RIGHT or WRONG predictions")
                    String outcome,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "the first N (default: ${DEFAULT-VALUE})")
                    int limit) {
        requireLimit(limit);
        try (Connection connection = options.connect()) {
            List<JsonNode> results = connection.training().results(id, outcome, limit);
            List<Column> columns = new ArrayList<>(List.of(
                    Column.whole("SHA256", "sha256"),
                    Column.of("IMAGE", "name"),
                    Column.of("TRUTH", "truth"),
                    Column.of("PREDICTED", "predicted"),
                    Column.of("SCORE", "score"),
                    Column.of("MARGIN", "margin")));
            if (results.stream().anyMatch(result -> result.path("nearest").isObject())) {
                columns.add(new Column("PLACE", result -> middle(result.at("/nearest/place"))));
                columns.add(new Column("LOOKS UNLIKE", result -> unlike(result.path("nearest"))));
                columns.add(new Column("DISTANCE", result -> Figures.text(result.at("/nearest/distance"))));
            }
            if (results.stream().anyMatch(result -> result.path("similar").isArray())) {
                columns.add(new Column("LOOKS LIKE", result -> like(result.at("/similar/0"))));
            }
            options.output().list(results, columns.toArray(Column[]::new));
        }
    }

    private static String like(JsonNode similar) {
        return similar.isObject()
                ? nameOf(similar) + " (" + similar.path("label").asText() + ")"
                : "";
    }

    private static String nameOf(JsonNode image) {
        return image.path(image.hasNonNull("name") ? "name" : "sha256").asText();
    }

    /** {@code 25 %, 60 %}: the middle of a place, from the left and from the top; nothing if there is none. */
    private static String middle(JsonNode place) {
        return place.isObject()
                ? "%.0f %%, %.0f %%"
                        .formatted(
                                100
                                        * (place.path("left").asDouble()
                                                + place.path("width").asDouble() / 2),
                                100
                                        * (place.path("top").asDouble()
                                                + place.path("height").asDouble() / 2))
                : "";
    }

    private static String unlike(JsonNode nearest) {
        return nearest.isObject() ? nameOf(nearest) + " at " + middle(nearest.path("normalPlace")) : "";
    }

    private static void requireLimit(int limit) {
        if (limit < 1) {
            throw new UsageException("--limit: expected 1 or more, got " + limit);
        }
    }

    private static JsonNode row(String field, List<JsonNode> values, boolean differs) {
        ObjectNode row = Json.object().put("field", field).put("differs", differs ? "*" : "");
        for (int i = 0; i < values.size(); i++) {
            row.set(Integer.toString(i), values.get(i));
        }
        return row;
    }

    /** Names of a run's values, {@code recipe.name} for a field of a field; empty ones are left out. */
    private static Set<String> fields(JsonNode run) {
        Set<String> fields = new LinkedHashSet<>();
        addFields("", run, fields);
        return fields;
    }

    private static void addFields(String prefix, JsonNode object, Set<String> fields) {
        object.properties().forEach(field -> {
            String name = prefix + field.getKey();
            JsonNode value = field.getValue();
            if (name.equals("metrics") && value instanceof ObjectNode metrics) {
                addFields("metrics.", Output.ordered(metrics), fields);
            } else if (value.isObject()) {
                addFields(name + ".", value, fields);
            } else if (!value.isNull()) {
                fields.add(name);
            }
        });
    }

    private static String value(JsonNode run, String field) {
        return Output.text(run.at("/" + field.replace('.', '/')));
    }

    /** The recipe's name, its backbone, and the parameters that differ from their defaults; of an evaluation, those of the model. */
    private static String recipe(JsonNode run, RecipeCatalogue catalogue) {
        String name = run.at("/recipe/name").asText();
        Map<String, Parameter> forms =
                catalogue.find(name).map(CatalogueEntry::parametersByName).orElse(Map.of());
        StringBuilder text = new StringBuilder(
                switch (run.path("kind").asText()) {
                    case "EVALUATION" -> "evaluation: ";
                    case "EXTENSION" -> "extension: ";
                    default -> "";
                });
        text.append(name);
        run.at("/recipe/parameters").properties().forEach(parameter -> {
            Parameter form = forms.get(parameter.getKey());
            String value = Output.text(parameter.getValue());
            if (form != null && form.isBackbone()) {
                text.append(' ').append(value);
            } else if (form == null || !value.equals(Output.text(Json.of(form.defaultValue())))) {
                text.append(' ').append(parameter.getKey()).append('=').append(value);
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

    @Command(
            name = "delete",
            description = {
                "Deletes a run that has ended, with its log and metrics.",
                "A run whose model version exists stays: delete that version first."
            },
            mixinStandardHelpOptions = true)
    void delete(@Mixin ServerOptions options, @Parameters(paramLabel = "RUN", description = "its id") String run) {
        try (Connection connection = options.connect()) {
            connection.training().delete(run);
            options.output().item(Json.object().put("deleted", run), "Run " + run + " is deleted.");
        }
    }
}
