package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rollback",
        description = {
            "Points an alias back at the version that it named before, or at any earlier one.",
            "Checks and approvals do not hold for it."
        },
        mixinStandardHelpOptions = true)
public final class RollbackCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Option(
            names = "--alias",
            paramLabel = "NAME",
            defaultValue = "production",
            description = "(default: ${DEFAULT-VALUE})")
    private String alias;

    @Option(
            names = "--to",
            paramLabel = "VERSION",
            description = "a version that the alias named before (default: the previous one)")
    private Integer version;

    @Option(names = "--reason", paramLabel = "TEXT", description = "kept in the history")
    private String reason;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            JsonNode moved = connection.models().rollback(project, alias, version, reason);
            server.output().item(moved, PromoteCommand.sentence(project, moved));
        }
    }
}
