package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.PredictionLog;
import dev.loupe.client.inference.model.PredictionInterval;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "predictions",
        description = "Shows the predictions that were made, and sets which ones are logged.",
        mixinStandardHelpOptions = true)
final class PredictionsCommand implements Runnable {
    private static final String NAME_OR_ID = "its name or id";

    @Spec
    private CommandSpec specification;

    /** How many predictions are logged. */
    enum Mode {
        OFF,
        SAMPLED,
        FULL
    }

    /** Length of the periods that are counted. */
    enum Interval {
        MINUTE,
        HOUR,
        DAY
    }

    /** Which predictions are listed. */
    static final class Filter {
        @Option(names = "--model-version", paramLabel = "N", description = "only of this model version")
        private Integer version;

        @Option(names = "--label", paramLabel = "LABEL", description = "only with this predicted label")
        private String label;

        @Option(
                names = "--product",
                paramLabel = "PRODUCT",
                description = "only those of images that were compared with this product")
        private String product;

        @Option(names = "--min-score", paramLabel = "SCORE", description = "only with at least this score")
        private Double minScore;

        @Option(names = "--max-score", paramLabel = "SCORE", description = "only with at most this score")
        private Double maxScore;

        @Option(names = "--from", paramLabel = "TIME", description = "only from this time on, as 2026-11-20T10:00:00Z")
        private String from;

        @Option(names = "--to", paramLabel = "TIME", description = "only before this time")
        private String to;

        private PredictionLog.Filter filter() {
            return new PredictionLog.Filter(version, label, product, minScore, maxScore, from, to);
        }
    }

    /** What is changed; null: not this field. */
    static final class Changes {
        @Option(
                names = "--mode",
                paramLabel = "MODE",
                description = {"off: no predictions are logged;", "sampled: the --share of them; full: all"})
        private Mode mode;

        @Option(names = "--share", paramLabel = "SHARE", description = "of --mode sampled, such as 0.1")
        private Double share;

        @Option(
                names = "--retention-days",
                paramLabel = "DAYS",
                description = "days after which a logged prediction is deleted, 1 to 3650")
        private Integer retentionDays;

        @Option(
                names = "--keep-images",
                paramLabel = "true|false",
                arity = "1",
                description = "whether the images are kept, too")
        private Boolean keepImages;

        private boolean any() {
            return mode != null || share != null || retentionDays != null || keepImages != null;
        }

        private void apply(ObjectNode settings) {
            if (mode != null) {
                settings.put("mode", mode.name());
                settings.remove("share");
            }
            if (share != null) {
                settings.put("share", share);
            }
            if (retentionDays != null) {
                settings.put("retentionDays", retentionDays);
            }
            if (keepImages != null) {
                settings.put("keepImages", keepImages);
            }
        }
    }

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(), "expected a command: list, show, counts or settings, and a PROJECT");
    }

    @Command(name = "list", description = "Lists logged predictions, newest first.", mixinStandardHelpOptions = true)
    void list(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Mixin Filter filter,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "at most so many (default: 50)")
                    int limit) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.predictionLog().list(project, filter.filter(), limit),
                            Column.whole("PREDICTION", "id"),
                            Column.of("VERSION", "version"),
                            Column.of("LABEL", "label"),
                            Column.of("PRODUCT", "product"),
                            Column.of("SCORE", "score"),
                            Column.of("MS", "latencyMillis"),
                            Column.of("BRIGHTNESS", "brightness"),
                            Column.of("SHARPNESS", "sharpness"),
                            Column.time("MADE", "createdAt"));
        }
    }

    @Command(name = "show", description = "Shows a logged prediction.", mixinStandardHelpOptions = true)
    void show(
            @Mixin ServerOptions options,
            @Parameters(index = "0", paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(index = "1", paramLabel = "PREDICTION", description = "its id") String prediction) {
        try (Connection connection = options.connect()) {
            JsonNode row = connection.predictionLog().get(project, prediction);
            StringBuilder lines = new StringBuilder();
            row.properties()
                    .forEach(
                            field -> lines.append("%s: %s\n".formatted(field.getKey(), Output.text(field.getValue()))));
            options.output().item(row, lines.toString().strip());
        }
    }

    @Command(
            name = "counts",
            description = "Counts logged predictions over time, by version and label.",
            mixinStandardHelpOptions = true)
    void counts(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Option(
                            names = "--interval",
                            paramLabel = "PERIOD",
                            defaultValue = "HOUR",
                            description = "minute, hour or day (default: hour)")
                    Interval interval,
            @Option(
                            names = "--from",
                            paramLabel = "TIME",
                            description = "as 2026-11-20T10:00:00Z (default: 24 periods before --to)")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "(default: now)") String to) {
        try (Connection connection = options.connect()) {
            List<JsonNode> counts = new ArrayList<>();
            connection
                    .predictionLog()
                    .counts(project, PredictionInterval.fromValue(interval.name()), from, to)
                    .path("items")
                    .forEach(counts::add);
            options.output()
                    .list(
                            counts,
                            Column.time("FROM", "start"),
                            Column.of("VERSION", "version"),
                            Column.of("LABEL", "label"),
                            Column.of("PREDICTIONS", "predictions"),
                            Column.of("MEAN SCORE", "meanScore"),
                            Column.of("MEAN MS", "meanLatencyMillis"),
                            Column.of("MEAN BRIGHTNESS", "meanBrightness"));
        }
    }

    @Command(
            name = "settings",
            description = {
                "Shows which predictions of a project are logged.",
                "With options: changes these settings; the others stay."
            },
            mixinStandardHelpOptions = true)
    void settings(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Mixin Changes changes) {
        try (Connection connection = options.connect()) {
            JsonNode state = connection.predictionLog().settings(project);
            if (changes.any()) {
                ObjectNode settings = state.path("settings").deepCopy();
                changes.apply(settings);
                state = connection
                        .predictionLog()
                        .replaceSettings(
                                project, settings, state.path("revision").asLong());
            }
            print(options, project, state);
        }
    }

    private static void print(ServerOptions options, String project, JsonNode state) {
        JsonNode settings = state.path("settings");
        String mode = settings.path("mode").asText();
        String logged =
                switch (mode) {
                    case "OFF" -> "none";
                    case "SAMPLED" -> "a share of " + Output.text(settings.path("share"));
                    default -> "all";
                };
        String by = state.hasNonNull("actor")
                ? ", set by " + state.path("actor").asText() + " " + Output.minute(state.path("changedAt"))
                : ", the default";
        options.output().item(state, """
                        Prediction log of '%s': revision %d%s
                        logged predictions: %s
                        deleted after: %s
                        images: %s""".formatted(
                        project,
                        state.path("revision").asLong(),
                        by,
                        logged,
                        Output.count(settings.path("retentionDays").asInt(), "day"),
                        settings.path("keepImages").asBoolean() ? "kept" : "not kept"));
    }
}
