package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rollback",
        description = "Points an alias back at the version that it named before.",
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

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            JsonNode moved = connection.models().rollback(project, alias);
            server.output().item(moved, PromoteCommand.sentence(project, moved));
        }
    }
}
