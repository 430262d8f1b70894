package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.contracts.Task;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "projects",
        description = "Lists, creates, renames and deletes projects.",
        mixinStandardHelpOptions = true)
public final class ProjectsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Override
    public void run() {
        list(server);
    }

    @Command(name = "list", description = "Lists all projects.", mixinStandardHelpOptions = true)
    void list(@Mixin ServerOptions options) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.datasets().projects(),
                            Column.of("NAME", "name"),
                            Column.of("TASK", "task"),
                            Column.of("ITEMS", "itemKind"),
                            Column.time("CREATED", "createdAt"),
                            Column.whole("ID", "id"));
        }
    }

    @Command(name = "create", description = "Creates a project.", mixinStandardHelpOptions = true)
    void create(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "NAME", description = "lower-case letters, digits and -") String name,
            @Option(
                            names = "--task",
                            required = true,
                            paramLabel = "TASK",
                            description = {
                                "classification: which of some classes does an image show?",
                                "anomaly: is this item like the normal ones?"
                            })
                    String task,
            @Option(
                            names = "--item",
                            paramLabel = "TEXT",
                            description = "what the images show, one kind of item: 'solar cell'")
                    String itemKind) {
        try (Connection connection = options.connect()) {
            JsonNode project = connection.datasets().createProject(name, task(task), itemKind);
            options.output()
                    .item(
                            project,
                            "Created project '" + name + "' for "
                                    + project.path("task")
                                            .asText()
                                            .toLowerCase(Locale.ROOT)
                                            .replace('_', ' ')
                                    + ". Next: ./loupe import " + name + " FOLDER|ZIP");
        }
    }

    @Command(
            name = "rename",
            description = "Renames a project. The old name remains valid.",
            mixinStandardHelpOptions = true)
    void rename(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project,
            @Parameters(paramLabel = "NAME", description = "lower-case letters, digits and -") String name) {
        try (Connection connection = options.connect()) {
            JsonNode renamed = connection.datasets().renameProject(project, name);
            options.output()
                    .item(
                            renamed,
                            "Project '" + project + "' is now '" + name + "'. Clients that ask for '" + project
                                    + "' keep working.");
        }
    }

    @Command(
            name = "delete",
            description = "Deletes a project with its images, dataset versions, runs and models.",
            mixinStandardHelpOptions = true)
    void delete(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project,
            @Option(names = "--yes", description = "do not ask") boolean yes,
            @Option(names = "--force", description = "also if an alias names one of its models") boolean force) {
        try (Connection connection = options.connect()) {
            JsonNode found = connection.datasets().project(project);
            String name = found.path("name").asText();
            if (!force) {
                refuseIfServing(connection, name);
            }
            if (!yes) {
                confirm(found);
            }
            connection.datasets().deleteProject(found.path("id").asText(), name);
            options.output().item(Json.object().put("deleted", name), "Project '" + name + "' deleted.");
        }
    }

    private static void refuseIfServing(Connection connection, String name) {
        boolean hasModel = connection.models().models().stream()
                .anyMatch(model -> model.path("name").asText().equals(name));
        List<JsonNode> aliases = hasModel ? connection.models().aliases(name) : List.of();
        if (!aliases.isEmpty()) {
            JsonNode alias = aliases.getFirst();
            throw new CommandException("project '" + name + "': alias '"
                    + alias.path("alias").asText() + "' names version "
                    + alias.path("version").asInt() + ", which clients may be asking. --force deletes it all the same");
        }
    }

    private static void confirm(JsonNode project) {
        String name = project.path("name").asText();
        if (System.console() == null) {
            throw new UsageException("--yes: expected, as there is no terminal to ask on");
        }
        String typed = System.console()
                .readLine(
                        "This deletes %s and all versions, runs and models of '%s'. Type its name: ",
                        Output.count(project.path("images").asInt(), "image"), name);
        if (!name.equals(typed)) {
            throw new CommandException("project '" + name + "' is not deleted: another name was typed");
        }
    }

    /** Parses a task: {@code classification} or {@code anomaly}. */
    public static Task task(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "classification" -> Task.CLASSIFICATION;
            case "anomaly", "anomaly_detection", "anomaly-detection" -> Task.ANOMALY_DETECTION;
            default -> throw new UsageException("unknown task '" + word + "', expected classification or anomaly");
        };
    }
}
