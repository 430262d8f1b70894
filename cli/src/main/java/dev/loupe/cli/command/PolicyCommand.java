package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "policy",
        description = "Shows or changes the promotion policy of a project: what a version must meet.",
        mixinStandardHelpOptions = true)
public final class PolicyCommand implements Runnable {
    private static final String NAME_OR_ID = "its name or id";
    private static final String NONE = "none";

    @Spec
    private CommandSpec specification;

    /** How a candidate is compared. */
    enum Comparison {
        POINT,
        INTERVAL
    }

    /** What is changed; null: not this field. */
    static final class Changes {
        @Option(
                names = "--metric-floor",
                paramLabel = "METRIC=VALUE",
                description = "smallest value of a metric on TEST, or none; may be repeated")
        private Map<String, String> metricFloors;

        @Option(
                names = "--recall-floor",
                paramLabel = "LABEL=VALUE",
                description = "smallest recall of a label on TEST, or none; may be repeated")
        private Map<String, String> recallFloors;

        @Option(names = "--min-test-images", paramLabel = "N", description = "smallest number of TEST images")
        private Integer minTestImages;

        @Option(
                names = "--comparison",
                paramLabel = "RULE",
                description = {
                    "POINT: a metric may be lower than that of the current version by the tolerance at most;",
                    "INTERVAL: nor may the 95 %% interval of the paired difference of accuracies reach further"
                })
        private Comparison comparison;

        @Option(names = "--tolerance", paramLabel = "T", description = "0 to 1")
        private Double tolerance;

        @Option(
                names = "--approval",
                paramLabel = "true|false",
                arity = "1",
                description = "whether another person than the author has to approve a promotion")
        private Boolean approval;

        private void apply(ObjectNode policy) {
            floors("--metric-floor", policy.withObject("/metricFloors"), metricFloors);
            floors("--recall-floor", policy.withObject("/recallFloors"), recallFloors);
            if (minTestImages != null) {
                policy.put("minTestImages", minTestImages);
            }
            if (comparison != null) {
                policy.put("comparison", comparison.name());
            }
            if (tolerance != null) {
                policy.put("tolerance", tolerance);
            }
            if (approval != null) {
                policy.put("approval", approval);
            }
        }

        private static void floors(String option, ObjectNode floors, Map<String, String> changes) {
            if (changes == null) {
                return;
            }
            changes.forEach((name, value) -> {
                if (value.equals(NONE)) {
                    floors.remove(name);
                    return;
                }
                try {
                    floors.put(name, Double.parseDouble(value));
                } catch (NumberFormatException e) {
                    throw new UsageException(
                            option + " " + name + ": expected a number or '" + NONE + "', got '" + value + "'");
                }
            });
        }
    }

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(), "expected a command: get PROJECT or set PROJECT");
    }

    @Command(name = "get", description = "Shows the promotion policy of a project.", mixinStandardHelpOptions = true)
    void get(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project) {
        try (Connection connection = options.connect()) {
            print(options, project, connection.models().policy(project));
        }
    }

    @Command(
            name = "set",
            description = "Changes fields of the promotion policy of a project; the others stay.",
            mixinStandardHelpOptions = true)
    void set(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Option(names = "--defaults", description = "begin with the default policy, not with the current one")
                    boolean defaults,
            @Mixin Changes changes) {
        try (Connection connection = options.connect()) {
            JsonNode current = connection.models().policy(project);
            ObjectNode policy =
                    defaults ? Json.object() : current.path("policy").deepCopy();
            changes.apply(policy);
            print(
                    options,
                    project,
                    connection
                            .models()
                            .replacePolicy(
                                    project, policy, current.path("revision").asLong()));
        }
    }

    private static void print(ServerOptions options, String project, JsonNode state) {
        JsonNode policy = state.path("policy");
        String by = state.hasNonNull("actor")
                ? ", set by " + state.path("actor").asText() + " " + Output.minute(state.path("changedAt"))
                : ", the default";
        options.output().item(state, """
                        Promotion policy of '%s': revision %d%s
                        metric floors: %s
                        recall floors: %s
                        TEST images: %d or more
                        comparison with the current version: %s, tolerance %s
                        approval by another person: %s""".formatted(
                        project,
                        state.path("revision").asLong(),
                        by,
                        floors(policy.path("metricFloors")),
                        floors(policy.path("recallFloors")),
                        policy.path("minTestImages").asInt(),
                        policy.path("comparison").asText(),
                        Output.text(policy.path("tolerance")),
                        policy.path("approval").asBoolean() ? "necessary" : "not necessary"));
    }

    private static String floors(JsonNode floors) {
        return floors.isEmpty() ? NONE : Output.text(floors);
    }
}
