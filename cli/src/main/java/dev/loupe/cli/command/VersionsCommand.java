package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "versions", description = "Lists a project's dataset versions.", mixinStandardHelpOptions = true)
public final class VersionsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            server.output()
                    .list(
                            connection.datasets().versions(project),
                            Column.of("VERSION", "number"),
                            new Column("TRAIN", version -> split(version, "TRAIN")),
                            new Column("DEV", version -> split(version, "DEV")),
                            new Column("TEST", version -> split(version, "TEST")),
                            Column.of("SEED", "seed"),
                            new Column("WARNINGS", version -> StreamSupport.stream(
                                            version.path("warnings").spliterator(), false)
                                    .map(warning -> warning.path("code")
                                            .asText()
                                            .toLowerCase(Locale.ROOT)
                                            .replace('_', ' '))
                                    .collect(Collectors.joining(", "))),
                            Column.of("NOTE", "note"),
                            Column.time("CREATED", "createdAt"));
        }
    }

    private static String split(JsonNode version, String split) {
        return Output.text(version.path("counts").path(split));
    }
}
