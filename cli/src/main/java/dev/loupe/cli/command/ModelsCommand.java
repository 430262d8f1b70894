package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Models;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "models", description = "Lists models, or the versions of one.", mixinStandardHelpOptions = true)
public final class ModelsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", arity = "0..1", description = "its name or id")
    private String project;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            Models models = connection.models();
            if (project == null) {
                server.output().list(models.models(), Column.of("MODEL", "name"), Column.of("TASK", "task"));
                return;
            }
            List<JsonNode> aliases = models.aliases(project);
            server.output()
                    .list(
                            models.versions(project),
                            Column.of("VERSION", "number"),
                            new Column("ALIASES", version -> names(aliases, version)),
                            Column.of("STATE", "state"),
                            Column.of("REASON", "reason"),
                            Column.of("METRICS", "metrics"),
                            Column.of("DATA", "datasetVersion"),
                            Column.of("RECIPE", "recipe"),
                            Column.of("BACKBONE", "backbone"),
                            Column.of("CREATED", "createdAt"));
        }
    }

    private static String names(List<JsonNode> aliases, JsonNode version) {
        return aliases.stream()
                .filter(alias ->
                        alias.path("version").asInt() == version.path("number").asInt())
                .map(alias -> alias.path("alias").asText())
                .collect(Collectors.joining(","));
    }
}
