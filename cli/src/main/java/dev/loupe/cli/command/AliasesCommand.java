package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "aliases",
        description = "Shows the version of each alias of a model, or the history of one alias.",
        mixinStandardHelpOptions = true)
public final class AliasesCommand implements Runnable {
    private static final int MAX_MOVES = 1_000;

    @Spec
    private CommandSpec specification;

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(), "expected a command: list PROJECT or history PROJECT");
    }

    @Command(name = "list", description = "Lists the aliases of a model.", mixinStandardHelpOptions = true)
    void list(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.models().aliases(project),
                            Column.of("ALIAS", "alias"),
                            Column.of("VERSION", "version"),
                            Column.of("BEFORE", "previousVersion"),
                            Column.of("GENERATION", "generation"),
                            Column.of("ACTOR", "actor"),
                            Column.time("MOVED", "movedAt"));
        }
    }

    @Command(
            name = "history",
            description = "Shows every move of an alias, newest first: who, why, and the result of the gate.",
            mixinStandardHelpOptions = true)
    void history(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project,
            @Option(
                            names = "--alias",
                            paramLabel = "NAME",
                            defaultValue = "production",
                            description = "(default: ${DEFAULT-VALUE})")
                    String alias) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.models().history(project, alias, MAX_MOVES),
                            Column.of("GENERATION", "generation"),
                            Column.of("VERSION", "version"),
                            Column.of("BEFORE", "previousVersion"),
                            Column.of("KIND", "kind"),
                            new Column("GATE", AliasesCommand::gate),
                            Column.of("REASON", "reason"),
                            Column.of("ACTOR", "actor"),
                            Column.time("MOVED", "movedAt"));
        }
    }

    private static String gate(JsonNode move) {
        String detail = move.path("gateDetail").asText();
        return move.path("gate").asText() + (detail.isEmpty() ? "" : ": " + detail);
    }
}
