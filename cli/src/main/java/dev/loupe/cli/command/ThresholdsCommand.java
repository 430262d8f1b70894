package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.client.inference.model.ThresholdRequest;
import dev.loupe.client.inference.model.ThresholdRequest.MethodEnum;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "thresholds",
        description = "Shows and sets from which score on an anomaly detector calls an image anomalous.",
        mixinStandardHelpOptions = true)
final class ThresholdsCommand implements Runnable {
    private static final String NAME_OR_ID = "its name or id";
    private static final String VERSION = "the number of a model version";

    @Spec
    private CommandSpec specification;

    /** How the threshold is chosen. */
    private static final class Choice {
        @Option(
                names = "--method",
                paramLabel = "METHOD",
                required = true,
                description = {
                    "best-f1: the best F1 on DEV",
                    "false-alarm-rate: the lowest threshold whose false-alarm rate is at most --target,",
                    "with the --confidence",
                    "recall: the highest threshold that --target of the abnormal DEV images reach",
                    "manual: --value"
                })
        private String method;

        @Option(names = "--target", paramLabel = "SHARE", description = "false-alarm rate or recall, such as 0.01")
        private Double target;

        @Option(
                names = "--confidence",
                paramLabel = "SHARE",
                description = "of a false-alarm rate, 0.5 to below 1 (default: 0.95)")
        private Double confidence;

        @Option(names = "--value", paramLabel = "SCORE", description = "the threshold of --method manual")
        private Double value;

        private ThresholdRequest request() {
            return new ThresholdRequest()
                    .method(parsed(method))
                    .target(target)
                    .confidence(confidence)
                    .value(value);
        }
    }

    private static MethodEnum parsed(String method) {
        return Stream.of(MethodEnum.BEST_F1, MethodEnum.FALSE_ALARM_RATE, MethodEnum.RECALL, MethodEnum.MANUAL)
                .filter(each -> each.name().replace('_', '-').equalsIgnoreCase(method))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "--method: expected best-f1, false-alarm-rate, recall or manual, got '" + method + "'"));
    }

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(),
                "expected a command: list, preview, set or re-evaluate, with PROJECT VERSION");
    }

    @Command(
            name = "list",
            description = "Lists the threshold versions of a detector, the current one first.",
            mixinStandardHelpOptions = true)
    void list(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "VERSION", description = VERSION) int version) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.models().thresholds(project, version),
                            Column.of("THRESHOLD", "number"),
                            Column.of("VALUE", "value"),
                            new Column("METHOD", threshold -> words(threshold.path("method"))),
                            new Column("FALSE ALARMS", threshold -> errors(threshold.at("/dev/falseAlarms"))),
                            new Column("MISSES", threshold -> errors(threshold.at("/dev/misses"))),
                            Column.of("REASON", "reason"),
                            Column.of("ACTOR", "actor"),
                            Column.time("SET", "createdAt"));
        }
    }

    @Command(
            name = "preview",
            description = "Chooses a threshold, and shows its errors on DEV. Changes nothing.",
            mixinStandardHelpOptions = true)
    void preview(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "VERSION", description = VERSION) int version,
            @Mixin Choice choice) {
        try (Connection connection = options.connect()) {
            JsonNode threshold = connection.models().previewThreshold(project, version, choice.request());
            options.output()
                    .item(
                            threshold,
                            "Threshold %s: %s.\n%s"
                                    .formatted(
                                            Output.text(threshold.path("value")),
                                            threshold.path("how").asText(),
                                            onDev(threshold)));
        }
    }

    @Command(
            name = "set",
            description = {
                "Sets the threshold of a detector: a new threshold version, in effect within seconds.",
                "The answers name the threshold version that decided."
            },
            mixinStandardHelpOptions = true)
    void set(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "VERSION", description = VERSION) int version,
            @Mixin Choice choice,
            @Option(
                            names = "--reason",
                            paramLabel = "TEXT",
                            required = true,
                            description = "kept with the threshold version")
                    String reason,
            @Option(
                            names = "--expected",
                            paramLabel = "N",
                            description = "only if threshold version N is the current one")
                    Integer expected) {
        try (Connection connection = options.connect()) {
            JsonNode threshold = connection
                    .models()
                    .setThreshold(
                            project, version, choice.request().reason(reason).expectedThreshold(expected));
            options.output()
                    .item(
                            threshold,
                            "Version %d of '%s' decides with threshold version %d, %s: %s.\n%s"
                                    .formatted(
                                            version,
                                            project,
                                            threshold.path("number").asInt(),
                                            Output.text(threshold.path("value")),
                                            threshold.path("how").asText(),
                                            onDev(threshold)));
        }
    }

    @Command(
            name = "re-evaluate",
            description = "Decides scores of earlier predictions again, with a threshold version.",
            mixinStandardHelpOptions = true)
    void reEvaluate(
            @Mixin ServerOptions options,
            @Parameters(index = "0", paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(index = "1", paramLabel = "VERSION", description = VERSION) int version,
            @Parameters(index = "2", paramLabel = "THRESHOLD", description = "the number of a threshold version")
                    int threshold,
            @Parameters(index = "3..*", paramLabel = "SCORE", arity = "1..*", description = "anomaly scores")
                    List<Double> scores) {
        try (Connection connection = options.connect()) {
            List<JsonNode> decisions = new ArrayList<>();
            connection
                    .models()
                    .reEvaluate(project, version, threshold, scores)
                    .path("decisions")
                    .forEach(decisions::add);
            options.output()
                    .list(
                            decisions,
                            Column.of("SCORE", "score"),
                            new Column(
                                    "ANSWER",
                                    decision -> decision.path("anomalous").asBoolean() ? "abnormal" : "normal"),
                            Column.of("CALIBRATED", "calibratedScore"));
        }
    }

    private static String onDev(JsonNode threshold) {
        return threshold.has("dev")
                ? "On DEV: %s false alarms, %s misses; in brackets 95 %% confidence intervals."
                        .formatted(errors(threshold.at("/dev/falseAlarms")), errors(threshold.at("/dev/misses")))
                : "The version has no DEV scores: train it again to see the errors of a threshold.";
    }

    /** {@code 3 of 400 [0.16 %, 2.2 %]}. */
    private static String errors(JsonNode errors) {
        if (errors.isMissingNode()) {
            return "";
        }
        String count =
                errors.path("count").asInt() + " of " + errors.path("images").asInt();
        return errors.has("lower")
                ? count + " [" + percent(errors.path("lower")) + ", " + percent(errors.path("upper")) + "]"
                : count;
    }

    /** Two digits: {@code 0.92 %}, {@code 17 %}. */
    private static String percent(JsonNode share) {
        return BigDecimal.valueOf(100 * share.asDouble())
                        .round(new MathContext(2))
                        .stripTrailingZeros()
                        .toPlainString()
                + " %";
    }

    /** {@code false alarm rate} for {@code FALSE_ALARM_RATE}. */
    private static String words(JsonNode constant) {
        return constant.asText().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
