package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Connection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "promote",
        description = {
            "Points an alias at a model version, which serves the requests to that alias from then on.",
            "A gate compares the version with the one that the alias names, and refuses a worse one."
        },
        mixinStandardHelpOptions = true)
public final class PromoteCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Parameters(paramLabel = "VERSION", description = "the number of a model version")
    private int version;

    @Option(
            names = "--alias",
            paramLabel = "NAME",
            defaultValue = "production",
            description = "(default: ${DEFAULT-VALUE})")
    private String alias;

    @Option(names = "--force", description = "promote although the gate refuses; requires --reason")
    private boolean force;

    @Option(names = "--reason", paramLabel = "TEXT", description = "kept in the history")
    private String reason;

    @Override
    public void run() {
        if (force && (reason == null || reason.isBlank())) {
            throw new UsageException("--force needs --reason TEXT, which is kept in the alias's history");
        }
        try (Connection connection = server.connect()) {
            JsonNode moved = connection.models().promote(project, alias, version, force, reason);
            server.output().item(moved, sentence(project, moved));
        }
    }

    /** Describes where an alias points now and pointed before, and the result of the gate. */
    public static String sentence(String project, JsonNode moved) {
        return "'" + moved.path("alias").asText() + "' of '" + project + "' is version "
                + moved.path("version").asInt()
                + (moved.hasNonNull("previousVersion")
                        ? ", before it was " + moved.path("previousVersion").asInt()
                        : "")
                + " (generation " + moved.path("generation").asLong() + ").\n"
                + "Gate: " + moved.path("gate").asText()
                + (moved.hasNonNull("gateDetail")
                        ? ", " + moved.path("gateDetail").asText()
                        : "");
    }
}
