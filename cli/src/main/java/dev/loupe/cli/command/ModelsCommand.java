package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.cli.server.Models;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "models",
        description = "Lists models, or the versions of one; copies a version's package.",
        mixinStandardHelpOptions = true)
public final class ModelsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", arity = "0..1", description = "its name or id")
    private String project;

    @ArgGroup(exclusive = false)
    private Download download;

    /** What to copy, and where to. */
    private static final class Download {
        @Option(names = "--download", paramLabel = "N", required = true, description = "copy this version's package")
        private int version;

        @Option(names = "--to", paramLabel = "FOLDER", required = true, description = "where the copy goes")
        private Path folder;
    }

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            Models models = connection.models();
            if (download != null) {
                copyPackage(models);
                return;
            }
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

    private void copyPackage(Models models) {
        if (project == null) {
            throw new CommandException("expected the PROJECT whose version is to be copied");
        }
        List<Path> files = models.download(project, download.version, download.folder);
        ArrayNode names = Json.array();
        files.forEach(file -> names.add(file.toString()));
        server.output()
                .item(
                        names,
                        "Copied the " + files.size() + " files of version " + download.version + " of '" + project
                                + "' to " + download.folder);
    }

    private static String names(List<JsonNode> aliases, JsonNode version) {
        return aliases.stream()
                .filter(alias ->
                        alias.path("version").asInt() == version.path("number").asInt())
                .map(alias -> alias.path("alias").asText())
                .collect(Collectors.joining(","));
    }
}
