package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.contracts.Task;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "projects", description = "Lists projects, or creates one.", mixinStandardHelpOptions = true)
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
                                "classification: which of some classes does a picture show?",
                                "anomaly: is this item like the normal ones?"
                            })
                    String task,
            @Option(
                            names = "--item",
                            paramLabel = "TEXT",
                            description = "what the pictures show, one kind of item: 'solar cell'")
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

    /** The task a word names. */
    public static Task task(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "classification" -> Task.CLASSIFICATION;
            case "anomaly", "anomaly_detection", "anomaly-detection" -> Task.ANOMALY_DETECTION;
            default -> throw new UsageException("unknown task '" + word + "', expected classification or anomaly");
        };
    }
}
