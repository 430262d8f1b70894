package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "imported",
        description = "Lists the classifiers that were imported, or deletes one that no run uses.",
        mixinStandardHelpOptions = true)
final class ImportedModelsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Option(names = "--project", paramLabel = "PROJECT", description = "only of this project; its name or id")
    private String project;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            server.output()
                    .list(
                            connection.importedModels().list(project),
                            Column.whole("MODEL", "id"),
                            Column.of("NAME", "name"),
                            Column.of("PROJECT", "project"),
                            new Column(
                                    "LABELS",
                                    model -> Integer.toString(
                                            model.path("labels").size())),
                            new Column(
                                    "INPUT",
                                    model -> model.path("width").asText() + " x "
                                            + model.path("height").asText()),
                            new Column("FIT", ImportedModelsCommand::fit),
                            Column.of("CHANNELS", "channelOrder"),
                            Column.of("SHA256", "sha256"),
                            Column.time("CREATED", "createdAt"));
        }
    }

    private static String fit(JsonNode model) {
        double share = model.path("centerCrop").asDouble();
        return model.path("fit").asText() + (share < 1 ? " of the middle " + share : "");
    }

    @Command(
            name = "delete",
            description = "Deletes an imported classifier and its file; not while a run of it exists.",
            mixinStandardHelpOptions = true)
    void delete(@Mixin ServerOptions options, @Parameters(paramLabel = "MODEL", description = "its id") String id) {
        try (Connection connection = options.connect()) {
            connection.importedModels().delete(id);
            options.output().item(Json.object().put("deleted", id), "The imported model " + id + " is deleted.");
        }
    }
}
