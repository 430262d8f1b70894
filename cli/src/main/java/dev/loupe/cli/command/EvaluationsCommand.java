package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "evaluations",
        description = "Lists evaluations: those of trainings, and those that evaluate made; shows one.",
        mixinStandardHelpOptions = true)
final class EvaluationsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Mixin
    private Filter filter;

    /** Which evaluations. */
    private static final class Filter {
        @Option(names = "--project", paramLabel = "PROJECT", description = "only on its dataset versions")
        private String project;

        @Option(names = "--on", paramLabel = "N", description = "only on dataset versions with this number")
        private Integer datasetVersion;

        @Option(
                names = "--model-version",
                paramLabel = "N",
                description = "only of this model version of the project; requires --project")
        private Integer modelVersion;

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

    @Command(name = "list", description = "Lists evaluations, the newest first.", mixinStandardHelpOptions = true)
    void list(@Mixin ServerOptions options, @Mixin Filter chosen) {
        if (chosen.limit < 1) {
            throw new UsageException("--limit: expected 1 or more, got " + chosen.limit);
        }
        if (chosen.modelVersion != null && chosen.project == null) {
            throw new UsageException("--model-version needs --project PROJECT");
        }
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection
                                    .training()
                                    .evaluations(
                                            chosen.project, chosen.modelVersion, chosen.datasetVersion, chosen.limit),
                            Column.whole("EVALUATION", "id"),
                            Column.of("MADE BY", "kind"),
                            new Column("MODEL", EvaluationsCommand::listed),
                            Column.of("PROJECT", "project"),
                            Column.of("DATA", "datasetVersion"),
                            Column.of("STATE", "state"),
                            new Column("METRICS", evaluation -> Output.metrics(evaluation.path("metrics"))),
                            Column.time("CREATED", "createdAt"));
        }
    }

    @Command(
            name = "show",
            description = {
                "Shows an evaluation: metrics with their 95 %% intervals, figures of each label, confusions.",
                "With -o json, the curves, too."
            },
            mixinStandardHelpOptions = true)
    void show(@Mixin ServerOptions options, @Parameters(paramLabel = "EVALUATION", description = "its id") String id) {
        try (Connection connection = options.connect()) {
            print(options.output(), connection.training().evaluationDetails(id));
        }
    }

    /** Prints an evaluation with its figures, if it has them. */
    static void print(Output output, JsonNode details) {
        output.item(details, sentence(details));
        if (!output.isJson() && details.path("evaluation") instanceof ObjectNode evaluation) {
            System.out.println();
            evaluation.set("control", details.path("control"));
            EvaluationCommand.print(output, evaluation);
        }
    }

    /** What is evaluated, and its state. */
    static String sentence(JsonNode evaluation) {
        return "Evaluation %s of %s on dataset version %s of '%s': %s"
                .formatted(
                        evaluation.path("id").asText(),
                        model(evaluation.path("model")),
                        evaluation.path("datasetVersion").asText(),
                        evaluation.path("project").asText(),
                        evaluation.path("state").asText()
                                + (evaluation.hasNonNull("reason")
                                        ? ", " + evaluation.path("reason").asText()
                                        : "")
                                + known(evaluation.path("knownImages").asInt()));
    }

    private static String listed(JsonNode evaluation) {
        JsonNode model = evaluation.path("model");
        if (model.hasNonNull("version")) {
            return model.path("project").asText() + " " + model.path("version").asInt();
        }
        return model.path("run").equals(evaluation.path("id"))
                ? "not registered"
                : "run " + model.path("run").asText();
    }

    private static String known(int images) {
        return images == 0
                ? ""
                : "\nWarning: the model has learned from " + Output.count(images, "image")
                        + " of these TEST images, or was chosen on them; the metrics are too good.";
    }

    /** Names a model by its version; one that is not registered, by its run. */
    private static String model(JsonNode model) {
        return model.hasNonNull("version")
                ? "version " + model.path("version").asInt() + " of '"
                        + model.path("project").asText() + "'"
                : "the model of run " + model.path("run").asText();
    }
}
