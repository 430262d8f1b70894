package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.cli.server.Models;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "models",
        description = {
            "Lists models, or the versions of one; copies the package of a version, or deletes a version.",
            "Imports a classifier that was trained elsewhere."
        },
        mixinStandardHelpOptions = true,
        subcommands = {ImportModelCommand.class, ImportedModelsCommand.class})
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
                server.output()
                        .list(
                                withAliases(models),
                                Column.of("MODEL", "name"),
                                Column.of("TASK", "task"),
                                Column.of("ALIASES", "aliases"));
                return;
            }
            server.output()
                    .list(
                            versions(models),
                            Column.of("VERSION", "number"),
                            new Column("ALIASES", ModelsCommand::names),
                            Column.of("STATE", "state"),
                            Column.of("REASON", "reason"),
                            Column.of("METRICS", "metrics"),
                            Column.of("DATA", "datasetVersion"),
                            Column.of("RECIPE", "recipe"),
                            Column.of("BACKBONE", "backbone"),
                            Column.of("ORIGIN", "origin"),
                            Column.time("CREATED", "createdAt"));
        }
    }

    @Command(
            name = "delete",
            description = {
                "Deletes a version and its package.",
                "A version stays while an alias points at it, or would after a rollback."
            },
            mixinStandardHelpOptions = true)
    void delete(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String name,
            @Parameters(paramLabel = "VERSION", description = "its number") int version) {
        try (Connection connection = options.connect()) {
            connection.models().delete(name, version);
            options.output()
                    .item(
                            Json.object().put("deleted", version),
                            "Version " + version + " of '" + name + "' is deleted, with its package.");
        }
    }

    private void copyPackage(Models models) {
        if (project == null) {
            throw new UsageException("expected the PROJECT whose version is to be copied");
        }
        List<Path> files = models.download(project, download.version, download.folder);
        ArrayNode names = Json.array();
        files.forEach(file -> names.add(file.toString()));
        server.output()
                .item(
                        names,
                        "Copied " + Output.count(files.size(), "file") + " of version " + download.version + " of '"
                                + project + "' to " + download.folder);
    }

    /** Each model with its aliases and the versions that they name. */
    private static List<JsonNode> withAliases(Models models) {
        List<JsonNode> all = models.models();
        all.forEach(model -> {
            ObjectNode aliases = ((ObjectNode) model).putObject("aliases");
            models.aliases(model.path("name").asText())
                    .forEach(alias -> aliases.set(alias.path("alias").asText(), alias.path("version")));
        });
        return all;
    }

    /** Each version with the names of its aliases. */
    private List<JsonNode> versions(Models models) {
        List<JsonNode> aliases = models.aliases(project);
        List<JsonNode> versions = models.versions(project);
        versions.forEach(version -> {
            ArrayNode names = ((ObjectNode) version).putArray("aliases");
            aliases.stream()
                    .filter(alias -> alias.path("version").equals(version.path("number")))
                    .forEach(alias -> names.add(alias.path("alias")));
        });
        return versions;
    }

    private static String names(JsonNode version) {
        return StreamSupport.stream(version.path("aliases").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(" "));
    }
}
