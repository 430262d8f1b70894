package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "searches",
        description = "Lists searches for parameters; shows one with its trials, cancels or deletes one.",
        mixinStandardHelpOptions = true)
final class SearchesCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Mixin
    private Filter filter;

    /** Which searches. */
    private static final class Filter {
        @Option(names = "--project", paramLabel = "PROJECT", description = "only those of this project")
        private String project;

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

    @Command(name = "list", description = "Lists searches, the newest first.", mixinStandardHelpOptions = true)
    void list(@Mixin ServerOptions options, @Mixin Filter chosen) {
        if (chosen.limit < 1) {
            throw new UsageException("--limit: expected 1 or more, got " + chosen.limit);
        }
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.training().searches(chosen.project, chosen.limit),
                            Column.whole("SEARCH", "id"),
                            Column.of("PROJECT", "project"),
                            Column.of("RECIPE", "recipe/name"),
                            Column.of("METHOD", "method"),
                            Column.of("STATE", "state"),
                            new Column("TRIALS", SearchesCommand::trials),
                            Column.of("BEST ON DEV", "best/metric"),
                            Column.time("CREATED", "createdAt"));
        }
    }

    @Command(
            name = "show",
            description = "Shows a search with its trials, the best ones first.",
            mixinStandardHelpOptions = true)
    void show(@Mixin ServerOptions options, @Parameters(paramLabel = "SEARCH", description = "its id") String id) {
        try (Connection connection = options.connect()) {
            print(options.output(), connection.training().search(id));
        }
    }

    @Command(
            name = "cancel",
            description = "Ends a search, and cancels its runs that wait or are in progress.",
            mixinStandardHelpOptions = true)
    void cancel(@Mixin ServerOptions options, @Parameters(paramLabel = "SEARCH", description = "its id") String id) {
        try (Connection connection = options.connect()) {
            JsonNode search = connection.training().cancelSearch(id);
            options.output().item(search, "Search " + id + " is cancelled.");
        }
    }

    @Command(
            name = "delete",
            description = "Deletes a search that has ended, with the runs of its trials. Its final run stays.",
            mixinStandardHelpOptions = true)
    void delete(@Mixin ServerOptions options, @Parameters(paramLabel = "SEARCH", description = "its id") String id) {
        try (Connection connection = options.connect()) {
            JsonNode search = connection.training().search(id);
            connection.training().deleteSearch(id);
            options.output().item(search, "Search " + id + " is deleted.");
        }
    }

    private static String trials(JsonNode search) {
        JsonNode counts = search.path("counts");
        return (counts.path("succeeded").asInt() + counts.path("failed").asInt()) + " of "
                + counts.path("total").asInt();
    }

    /** Prints a search and its trials, the best ones first. */
    static void print(Output output, JsonNode search) {
        output.item(search, sentence(search));
        if (output.isJson()) {
            return;
        }
        List<JsonNode> trials = StreamSupport.stream(search.path("results").spliterator(), false)
                .sorted(Comparator.comparingInt(trial -> trial.path("rank").asInt(Integer.MAX_VALUE)))
                .toList();
        System.out.println();
        output.list(
                trials,
                Column.of("RANK", "rank"),
                Column.of("TRIAL", "number"),
                Column.of("ON DEV", "metric"),
                new Column("PARAMETERS", trial -> Output.text(trial.path("parameters"))),
                Column.of("EPOCHS", "epochs"),
                Column.of("SECONDS", "seconds"),
                Column.of("STATE", "state"),
                Column.of("REASON", "reason"),
                Column.whole("RUN", "run"));
    }

    private static String sentence(JsonNode search) {
        StringBuilder text =
                new StringBuilder("Search %s for parameters of %s on dataset version %s of '%s': %s, %s trials"
                        .formatted(
                                search.path("id").asText(),
                                search.at("/recipe/name").asText(),
                                search.path("datasetVersion").asText(),
                                search.path("project").asText(),
                                search.path("state").asText(),
                                trials(search)));
        if (search.hasNonNull("reason")) {
            text.append(", ").append(search.path("reason").asText());
        }
        if (search.hasNonNull("best")) {
            text.append("\nBest: trial ")
                    .append(search.at("/best/number").asInt())
                    .append(", ")
                    .append(search.path("objective").asText())
                    .append(" on DEV ")
                    .append(Output.text(search.at("/best/metric")))
                    .append(" with ")
                    .append(Output.text(search.at("/best/parameters")));
        }
        if (search.hasNonNull("finalRun")) {
            text.append("\nRun with the best parameters: ./loupe runs show ")
                    .append(search.path("finalRun").asText());
        }
        search.path("warnings").forEach(warning -> text.append("\nWarning: ").append(warning.asText()));
        return text.toString();
    }
}
