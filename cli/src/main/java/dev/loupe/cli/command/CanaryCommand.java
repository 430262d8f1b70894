package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.client.inference.model.RolloutPlan;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "canary",
        description = {
            "Gives a candidate a share of the requests to an alias before it is promoted.",
            "Requests with the same key are always answered by the same version."
        },
        mixinStandardHelpOptions = true)
public final class CanaryCommand implements Runnable {
    private static final int MAX_CHANGES = 100;

    @Spec
    private CommandSpec specification;

    /** The alias whose candidate a command is about. */
    static final class Target {
        @Parameters(index = "0", paramLabel = "PROJECT", description = "its name or id")
        private String project;

        @Option(
                names = "--alias",
                paramLabel = "NAME",
                defaultValue = "production",
                description = "(default: ${DEFAULT-VALUE})")
        private String alias;

        /** The candidate that answers requests. */
        private JsonNode running(Connection connection) {
            JsonNode canary = connection.canaries().get(project, alias);
            if (!canary.path("active").asBoolean()) {
                throw new CommandException(
                        "'" + alias + "' of '" + project + "' has no candidate; the last one, version "
                                + canary.path("candidate").asInt() + ", is "
                                + canary.path("kind").asText() + " since " + Output.minute(canary.path("changedAt")));
            }
            return canary;
        }
    }

    /** What is the same for a start and a change. */
    static final class Share {
        @Option(names = "--force", description = "although checks of the promotion policy fail; requires --reason")
        private boolean force;

        @Option(names = "--reason", paramLabel = "TEXT", description = "kept in the history")
        private String reason;

        private void check() {
            if (force && (reason == null || reason.isBlank())) {
                throw new UsageException("--force needs --reason TEXT, which is kept in the history");
            }
        }
    }

    /** Steps and bounds of a rollout; what is null is the server's default. */
    static final class Plan {
        @Option(
                names = "--steps",
                paramLabel = "PERCENT",
                split = ",",
                description = "weights, each larger than the one before (default: 5,25,50,100)")
        private List<Double> steps;

        @Option(names = "--bake", paramLabel = "SECONDS", description = "time of each step (default: 600)")
        private Integer bake;

        @Option(
                names = "--min-requests",
                paramLabel = "N",
                description = "fewest requests to the candidate in each step (default: 100)")
        private Integer minRequests;

        @Option(
                names = "--max-error-rate",
                paramLabel = "RATE",
                description = "largest share of its predictions that fail, 0 to 1 (default: 0.01)")
        private Double maxErrorRate;

        @Option(
                names = "--max-p99",
                paramLabel = "MILLISECONDS",
                description = "largest 99th percentile of its times (default: none)")
        private Double maxP99;

        @Option(
                names = "--max-disagreement",
                paramLabel = "RATE",
                description = {
                    "largest share of the images that it and the alias' version predict differently, 0 to 1",
                    "(default: none); makes it a shadow, too"
                })
        private Double maxDisagreement;

        private RolloutPlan plan() {
            return new RolloutPlan()
                    .steps(steps)
                    .bakeSeconds(bake)
                    .minRequests(minRequests)
                    .maxErrorRate(maxErrorRate)
                    .maxP99Millis(maxP99)
                    .maxDisagreementRate(maxDisagreement);
        }
    }

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(),
                "expected a command: start, set, promote, abort, show, disagreements, rollout or progress, and a PROJECT");
    }

    @Command(
            name = "start",
            description = "Makes a version the candidate of an alias.",
            mixinStandardHelpOptions = true)
    void start(
            @Mixin ServerOptions options,
            @Mixin Target target,
            @Parameters(index = "1", paramLabel = "VERSION", description = "the number of a model version") int version,
            @Option(
                            names = "--weight",
                            paramLabel = "PERCENT",
                            required = true,
                            description = "percentage of the requests that it answers, 0 to 100")
                    double weight,
            @Option(
                            names = "--shadow",
                            paramLabel = "true|false",
                            arity = "1",
                            description = "whether the candidate also sees the images that the alias' version predicts")
                    Boolean shadow,
            @Mixin Share share) {
        share.check();
        try (Connection connection = options.connect()) {
            JsonNode canary = connection
                    .canaries()
                    .set(target.project, target.alias, version, weight, shadow, share.force, share.reason, null);
            options.output().item(canary, sentence(target.project, canary));
        }
    }

    @Command(
            name = "set",
            description = "Changes the weight of the candidate, or whether it is a shadow.",
            mixinStandardHelpOptions = true)
    void set(
            @Mixin ServerOptions options,
            @Mixin Target target,
            @Option(
                            names = "--weight",
                            paramLabel = "PERCENT",
                            description = "percentage of the requests that it answers, 0 to 100 (default: as before)")
                    Double weight,
            @Option(
                            names = "--shadow",
                            paramLabel = "true|false",
                            arity = "1",
                            description = "whether the candidate also sees the images that the alias' version predicts")
                    Boolean shadow,
            @Mixin Share share) {
        share.check();
        try (Connection connection = options.connect()) {
            JsonNode running = target.running(connection);
            JsonNode canary = connection
                    .canaries()
                    .set(
                            target.project,
                            target.alias,
                            running.path("candidate").asInt(),
                            weight == null ? running.path("weight").asDouble() : weight,
                            shadow,
                            share.force,
                            share.reason,
                            running.path("revision").asLong());
            options.output().item(canary, sentence(target.project, canary));
        }
    }

    @Command(
            name = "promote",
            description = "Points the alias at its candidate, as ./loupe promote does, with the checks of the policy.",
            mixinStandardHelpOptions = true)
    void promote(@Mixin ServerOptions options, @Mixin Target target, @Mixin Share share) {
        share.check();
        int candidate;
        try (Connection connection = options.connect()) {
            candidate = target.running(connection).path("candidate").asInt();
        }
        PromoteCommand.run(options, target.project, candidate, target.alias, share.force, share.reason);
    }

    @Command(
            name = "abort",
            description = "Ends the candidate: the alias' version answers all requests.",
            mixinStandardHelpOptions = true)
    void abort(
            @Mixin ServerOptions options,
            @Mixin Target target,
            @Option(names = "--reason", paramLabel = "TEXT", description = "kept in the history") String reason) {
        try (Connection connection = options.connect()) {
            JsonNode running = target.running(connection);
            JsonNode canary = connection
                    .canaries()
                    .abort(
                            target.project,
                            target.alias,
                            reason,
                            running.path("revision").asLong());
            options.output().item(canary, sentence(target.project, canary));
        }
    }

    @Command(
            name = "show",
            description = "Shows the candidates of an alias and their changes, newest first.",
            mixinStandardHelpOptions = true)
    void show(@Mixin ServerOptions options, @Mixin Target target) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.canaries().history(target.project, target.alias, MAX_CHANGES),
                            Column.of("REVISION", "revision"),
                            Column.of("CANDIDATE", "candidate"),
                            Column.of("HOLDER", "holder"),
                            new Column("WEIGHT", change -> percent(change.path("weight"))),
                            Column.of("CHANGE", "kind"),
                            Column.of("REASON", "reason"),
                            Column.of("ACTOR", "actor"),
                            Column.time("CHANGED", "changedAt"));
        }
    }

    @Command(
            name = "disagreements",
            description = {
                "Shows how often the last candidate of an alias and its version disagree, with the last images.",
                "They are counted of a candidate that is started with --shadow true."
            },
            mixinStandardHelpOptions = true)
    void disagreements(
            @Mixin ServerOptions options,
            @Mixin Target target,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "20",
                            description = "(default: ${DEFAULT-VALUE})")
                    int limit) {
        try (Connection connection = options.connect()) {
            JsonNode report = connection.canaries().disagreements(target.project, target.alias, limit);
            options.output().item(report, summary(report));
            if (!options.output().isJson() && !report.path("items").isEmpty()) {
                options.output()
                        .list(
                                StreamSupport.stream(report.path("items").spliterator(), false)
                                        .toList(),
                                Column.time("AT", "predictedAt"),
                                Column.whole("IMAGE", "imageSha256"),
                                Column.of("HOLDER", "holderAnswer"),
                                Column.of("SCORE", "holderScore"),
                                Column.of("CANDIDATE", "candidateAnswer"),
                                Column.of("SCORE", "candidateScore"));
            }
        }
    }

    @Command(
            name = "rollout",
            description = {
                "Makes a version the candidate of an alias, and raises its weight step by step.",
                "If a bound does not hold, the alias' version answers all requests again. After the last step, promote it."
            },
            mixinStandardHelpOptions = true)
    void rollout(
            @Mixin ServerOptions options,
            @Mixin Target target,
            @Parameters(index = "1", paramLabel = "VERSION", description = "the number of a model version") int version,
            @Mixin Plan plan,
            @Mixin Share share) {
        share.check();
        try (Connection connection = options.connect()) {
            JsonNode rollout = connection
                    .canaries()
                    .startRollout(target.project, target.alias, version, plan.plan(), share.force, share.reason);
            options.output().item(rollout, progress(rollout));
        }
    }

    @Command(
            name = "progress",
            description = "Shows the last rollout of an alias: its step, and what has decided.",
            mixinStandardHelpOptions = true)
    void progress(@Mixin ServerOptions options, @Mixin Target target) {
        try (Connection connection = options.connect()) {
            JsonNode rollout = connection.canaries().rollout(target.project, target.alias);
            options.output().item(rollout, progress(rollout));
        }
    }

    /** {@code Version 2: RUNNING, step 1 of 4 at 5 %: ...}. */
    private static String progress(JsonNode rollout) {
        JsonNode steps = rollout.path("plan").path("steps");
        int step = rollout.path("step").asInt();
        return "Version " + rollout.path("candidate").asInt() + ": "
                + rollout.path("state").asText() + ", step " + (step + 1) + " of " + steps.size() + " at "
                + percent(steps.path(step)) + ": " + rollout.path("message").asText();
    }

    private static String summary(JsonNode report) {
        String versions = "Versions " + report.path("holder").asInt() + " and "
                + report.path("candidate").asInt() + " disagree on "
                + report.path("disagreements").asLong() + " of "
                + Output.count(report.path("images").asLong(), "image");
        String rate = report.hasNonNull("rate")
                ? String.format(
                        Locale.ROOT,
                        ": %.2f %% (%.2f to %.2f %%)",
                        100 * report.path("rate").asDouble(),
                        100 * report.path("lower").asDouble(),
                        100 * report.path("upper").asDouble())
                : "";
        return versions + rate + "; " + report.path("failed").asLong() + " failed, "
                + report.path("dropped").asLong() + " were dropped.";
    }

    private static String sentence(String project, JsonNode canary) {
        String alias = "'" + canary.path("alias").asText() + "' of '" + project + "'";
        String revision = " (revision " + canary.path("revision").asLong() + ").";
        return canary.path("active").asBoolean()
                ? "Version " + canary.path("candidate").asInt() + " answers " + percent(canary.path("weight"))
                        + " of the requests to " + alias + ", version "
                        + canary.path("holder").asInt() + " the others" + revision
                : "Version " + canary.path("candidate").asInt() + " is no longer the candidate of " + alias + revision;
    }

    /** {@code 5 %}, {@code 0.5 %}. */
    private static String percent(JsonNode weight) {
        return BigDecimal.valueOf(weight.asDouble()).stripTrailingZeros().toPlainString() + " %";
    }
}
