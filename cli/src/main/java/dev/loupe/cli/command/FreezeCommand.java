package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "freeze",
        description = "Creates an immutable dataset version from a project's images.",
        mixinStandardHelpOptions = true)
public final class FreezeCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Option(names = "--seed", paramLabel = "N", description = "of the split into TRAIN, DEV and TEST")
    private Long seed;

    @Option(names = "--note", paramLabel = "TEXT", description = "kept with the version")
    private String note;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            JsonNode version = connection.datasets().freeze(project, seed, note);
            server.output().item(version, sentences(version));
        }
    }

    /** Describes a dataset version and its warnings. */
    public static String sentences(JsonNode version) {
        StringBuilder text =
                new StringBuilder("Dataset version " + version.path("number").asInt());
        version.path("counts").properties().forEach(split -> text.append("\n  ")
                .append(String.format("%-5s ", split.getKey()))
                .append(Output.text(split.getValue())));
        version.path("warnings").forEach(warning -> text.append("\n  Warning: ")
                .append(warning.path("message").asText()));
        return text.toString();
    }
}
