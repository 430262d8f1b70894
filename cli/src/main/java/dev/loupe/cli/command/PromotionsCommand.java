package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.client.inference.model.ApprovalState;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "promotions",
        description = {
            "Lists promotions that another person than their author approves; approves or rejects them.",
            "--actor says who decides."
        },
        mixinStandardHelpOptions = true)
public final class PromotionsCommand implements Runnable {
    private static final String NAME_OR_ID = "its name or id";
    private static final String NUMBER = "the number of a promotion request";

    @Spec
    private CommandSpec specification;

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(),
                "expected a command: list PROJECT, approve PROJECT NUMBER or reject PROJECT NUMBER");
    }

    @Command(name = "list", description = "Lists promotion requests, newest first.", mixinStandardHelpOptions = true)
    void list(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Option(
                            names = "--state",
                            paramLabel = "STATE",
                            description = "only those in this state: ${COMPLETION-CANDIDATES}")
                    ApprovalState state) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.models().promotionRequests(project, state),
                            Column.of("NUMBER", "number"),
                            Column.of("STATE", "state"),
                            Column.of("ALIAS", "alias"),
                            Column.of("VERSION", "version"),
                            Column.of("FORCED", "force"),
                            Column.of("REASON", "reason"),
                            Column.of("AUTHOR", "actor"),
                            Column.time("REQUESTED", "createdAt"),
                            Column.of("DECIDED BY", "decidedBy"),
                            Column.of("COMMENT", "comment"));
        }
    }

    @Command(
            name = "approve",
            description = "Approves a promotion request: its checks are made once more, and the alias is moved.",
            mixinStandardHelpOptions = true)
    void approve(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "NUMBER", description = NUMBER) int number,
            @Option(names = "--comment", paramLabel = "TEXT", description = "kept with the decision") String comment) {
        try (Connection connection = options.connect()) {
            print(options, project, connection.models().approve(project, number, comment));
        }
    }

    @Command(name = "reject", description = "Rejects a promotion request.", mixinStandardHelpOptions = true)
    void reject(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "NUMBER", description = NUMBER) int number,
            @Option(names = "--comment", paramLabel = "TEXT", required = true, description = "kept with the decision")
                    String comment) {
        try (Connection connection = options.connect()) {
            print(options, project, connection.models().reject(project, number, comment));
        }
    }

    private static void print(ServerOptions options, String project, JsonNode request) {
        options.output()
                .item(
                        request,
                        "Promotion request " + request.path("number").asInt() + " of '" + project + "' is "
                                + request.path("state").asText() + " by "
                                + request.path("decidedBy").asText() + "."
                                + (request.hasNonNull("generation")
                                        ? " '" + request.path("alias").asText() + "' is version "
                                                + request.path("version").asInt() + " (generation "
                                                + request.path("generation").asLong() + ")."
                                        : ""));
    }
}
