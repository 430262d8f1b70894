package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.client.inference.model.ReviewKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "outcomes",
        description = "Reports the truth about predictions, and shows how right and how stable they are.",
        mixinStandardHelpOptions = true)
final class OutcomesCommand implements Runnable {
    private static final String NAME_OR_ID = "its name or id";

    @Spec
    private CommandSpec specification;

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(),
                "expected a command: report, metrics, confusion, drift, reset-drift, review, accept or dismiss, and a PROJECT");
    }

    @Command(
            name = "report",
            description = {
                "Reports the truth about a logged prediction.",
                "The same label again changes nothing; another label is a correction, which is audited."
            },
            mixinStandardHelpOptions = true)
    void report(
            @Mixin ServerOptions options,
            @Parameters(index = "0", paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(index = "1", paramLabel = "PREDICTION", description = "its id") String prediction,
            @Parameters(
                            index = "2",
                            paramLabel = "LABEL",
                            description = "the right label; in anomaly detection normal or abnormal")
                    String label) {
        try (Connection connection = options.connect()) {
            JsonNode row = connection.predictionLog().report(project, prediction, label);
            options.output()
                    .item(
                            row,
                            "Predicted as '%s', the truth is '%s' (revision %d)."
                                    .formatted(
                                            row.path("label").asText(),
                                            row.path("outcome").asText(),
                                            row.path("outcomeRevision").asInt()));
        }
    }

    @Command(
            name = "metrics",
            description = {
                "Shows how right logged predictions were, by version and day.",
                "Only predictions with an outcome count. In brackets: 95 %% confidence intervals."
            },
            mixinStandardHelpOptions = true)
    void metrics(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Mixin Period period) {
        try (Connection connection = options.connect()) {
            JsonNode metrics = connection.predictionLog().metrics(project, period.version, period.from, period.to);
            if (options.output().isJson()) {
                options.output().item(metrics, "");
                return;
            }
            List<JsonNode> rows = new ArrayList<>();
            metrics.path("versions").forEach(version -> {
                version.path("days")
                        .forEach(day -> rows.add(Json.object()
                                .put("version", version.path("version").asInt())
                                .put("day", day.path("day").asText().substring(0, 10))
                                .set("rates", day.path("rates"))));
                rows.add(Json.object()
                        .put("version", version.path("version").asInt())
                        .put("day", "all")
                        .set("rates", version.path("rates")));
            });
            options.output()
                    .list(
                            rows,
                            Column.of("VERSION", "version"),
                            Column.of("DAY", "day"),
                            Column.of("PREDICTIONS", "rates/predictions"),
                            new Column("RIGHT", row -> rate(row.at("/rates/accuracy"))),
                            new Column("FALSE ALARMS", row -> rate(row.at("/rates/falseAlarms"))),
                            new Column("MISSES", row -> rate(row.at("/rates/misses"))));
        }
    }

    @Command(
            name = "confusion",
            description = "Shows what the predictions with an outcome were, by version and label.",
            mixinStandardHelpOptions = true)
    void confusion(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Mixin Period period) {
        try (Connection connection = options.connect()) {
            List<JsonNode> rows = new ArrayList<>();
            connection
                    .predictionLog()
                    .metrics(project, period.version, period.from, period.to)
                    .path("versions")
                    .forEach(version -> version.path("confusion")
                            .forEach(cell -> rows.add(Json.object()
                                    .put("version", version.path("version").asInt())
                                    .put("outcome", cell.path("outcome").asText())
                                    .put("label", cell.path("label").asText())
                                    .put("predictions", cell.path("predictions").asLong()))));
            options.output()
                    .list(
                            rows,
                            Column.of("VERSION", "version"),
                            Column.of("TRUTH", "outcome"),
                            Column.of("PREDICTED", "label"),
                            Column.of("PREDICTIONS", "predictions"));
        }
    }

    @Command(
            name = "drift",
            description = "Shows whether the predictions of a version have drifted, the newest window first.",
            mixinStandardHelpOptions = true)
    void drift(
            @Mixin ServerOptions options,
            @Parameters(index = "0", paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(index = "1", paramLabel = "VERSION", description = "number of a model version") int version) {
        try (Connection connection = options.connect()) {
            JsonNode drift = connection.predictionLog().drift(project, version);
            if (options.output().isJson() || !drift.path("state").asText().equals("DRIFTED")) {
                options.output().item(drift, state(drift));
                return;
            }
            List<JsonNode> tests = new ArrayList<>();
            drift.path("windows").forEach(window -> window.path("tests").forEach(test -> {
                if (test.path("drifted").asBoolean()) {
                    tests.add(Json.object()
                            .put("endedAt", window.path("endedAt").asText())
                            .set("test", test));
                }
            }));
            options.output()
                    .list(
                            tests,
                            Column.time("UNTIL", "endedAt"),
                            new Column(
                                    "MEASURE",
                                    row -> row.at("/test/measure").asText().toLowerCase(Locale.ROOT)),
                            Column.of("MEDIAN", "test/median"),
                            Column.of("IN THE REFERENCE", "test/referenceMedian"),
                            Column.of("P-VALUE", "test/pValue"));
        }
    }

    private static String state(JsonNode drift) {
        return drift.path("state").asText().equals("COLLECTING")
                ? "The first %d logged predictions of version %d become the reference."
                        .formatted(
                                drift.path("referenceImages").asInt(),
                                drift.path("version").asInt())
                : "No drift of version %d: %s tested."
                        .formatted(
                                drift.path("version").asInt(),
                                Output.count(drift.path("windows").size(), "window"));
    }

    @Command(
            name = "reset-drift",
            description = "Makes the next predictions of a version the reference, after a change that is intended.",
            mixinStandardHelpOptions = true)
    void resetDrift(
            @Mixin ServerOptions options,
            @Parameters(index = "0", paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(index = "1", paramLabel = "VERSION", description = "number of a model version") int version) {
        try (Connection connection = options.connect()) {
            connection.predictionLog().resetDrift(project, version);
            options.output()
                    .item(
                            Json.object().put("reset", true),
                            "The next predictions of version " + version + " become the reference.");
        }
    }

    @Command(
            name = "review",
            description = "Lists predictions without an outcome that a person should look at.",
            mixinStandardHelpOptions = true)
    void review(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Option(
                            names = "--kind",
                            paramLabel = "KIND",
                            defaultValue = "AUDIT",
                            description = {
                                "near_threshold: of a detector; contested: of a classifier, a small margin;",
                                "drifted: in a window that has drifted; audit: a random sample (default: audit)"
                            })
                    Kind kind,
            @Option(names = "--model-version", paramLabel = "N", description = "only of this model version")
                    Integer version,
            @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "1 to 100 (default: 20)")
                    int limit) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection
                                    .predictionLog()
                                    .reviewQueue(project, ReviewKind.fromValue(kind.name()), version, limit),
                            Column.whole("PREDICTION", "id"),
                            Column.of("VERSION", "version"),
                            Column.of("LABEL", "label"),
                            Column.of("PRODUCT", "product"),
                            Column.of("SCORE", "score"),
                            Column.of("MARGIN", "margin"),
                            Column.of("IMAGE", "imageKept"),
                            Column.time("MADE", "createdAt"));
        }
    }

    @Command(
            name = "accept",
            description = {
                "Adds the images of predictions to the project with a label, and reports it as their outcome.",
                "An image has the product that the prediction compared it with, if there is one.",
                "The log must have kept the images: predictions settings --keep-images true."
            },
            mixinStandardHelpOptions = true)
    void accept(
            @Mixin ServerOptions options,
            @Parameters(index = "0", paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(index = "1..*", paramLabel = "PREDICTION", arity = "1..*", description = "their ids")
                    List<String> predictions,
            @Option(names = "--label", paramLabel = "LABEL", required = true, description = "the right label")
                    String label,
            @Option(
                            names = "--product",
                            paramLabel = "PRODUCT",
                            description = "the product that the images show; an empty text: none")
                    String product) {
        try (Connection connection = options.connect()) {
            for (String prediction : predictions) {
                byte[] image = connection.predictionLog().image(project, prediction);
                String shown = product == null
                        ? connection
                                .predictionLog()
                                .get(project, prediction)
                                .path("product")
                                .asText(null)
                        : product;
                connection.datasets().upload(project, image, prediction, label, shown);
                connection.predictionLog().report(project, prediction, label);
            }
            options.output()
                    .item(
                            Json.object().put("accepted", predictions.size()),
                            Output.count(predictions.size(), "image") + " added to '" + project + "' as '" + label
                                    + "'.");
        }
    }

    @Command(
            name = "dismiss",
            description = "Takes predictions out of the review queue without an outcome.",
            mixinStandardHelpOptions = true)
    void dismiss(
            @Mixin ServerOptions options,
            @Parameters(index = "0", paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(index = "1..*", paramLabel = "PREDICTION", arity = "1..*", description = "their ids")
                    List<String> predictions) {
        try (Connection connection = options.connect()) {
            predictions.forEach(prediction -> connection.predictionLog().dismissReview(project, prediction));
            options.output()
                    .item(
                            Json.object().put("dismissed", predictions.size()),
                            Output.count(predictions.size(), "prediction") + " taken out of the review queue.");
        }
    }

    /** Why a prediction is looked at. */
    enum Kind {
        NEAR_THRESHOLD,
        CONTESTED,
        DRIFTED,
        AUDIT
    }

    /** Of which version and time. */
    static final class Period {
        @Option(names = "--model-version", paramLabel = "N", description = "only of this model version")
        private Integer version;

        @Option(
                names = "--from",
                paramLabel = "TIME",
                description = "as 2026-11-20T10:00:00Z (default: 30 days before --to)")
        private String from;

        @Option(names = "--to", paramLabel = "TIME", description = "(default: now)")
        private String to;
    }

    /** {@code 95 of 100 [0.888, 0.978]}. */
    private static String rate(JsonNode rate) {
        return rate.isMissingNode() || rate.isNull()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%d of %d [%.3f, %.3f]",
                        rate.path("count").asLong(),
                        rate.path("predictions").asLong(),
                        rate.path("lower").asDouble(),
                        rate.path("upper").asDouble());
    }
}
