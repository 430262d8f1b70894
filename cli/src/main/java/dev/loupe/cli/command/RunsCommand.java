package dev.loupe.cli.command;

import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "runs", description = "Lists training runs, or cancels one.", mixinStandardHelpOptions = true)
public final class RunsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Option(names = "--project", paramLabel = "PROJECT", description = "only its runs")
    private String project;

    @Option(names = "--state", paramLabel = "STATE", description = "only runs in this state")
    private String state;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "the newest N (default: ${DEFAULT-VALUE})")
    private int limit;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            server.output()
                    .list(
                            connection.training().runs(project, state, limit),
                            Column.of("RUN", "id"),
                            Column.of("PROJECT", "project"),
                            Column.of("DATA", "datasetVersion"),
                            Column.of("RECIPE", "recipe/type"),
                            Column.of("BACKBONE", "recipe/backbone"),
                            Column.of("STATE", "state"),
                            Column.of("METRICS", "metrics"),
                            Column.of("SECONDS", "trainSeconds"),
                            Column.of("CREATED", "createdAt"));
        }
    }

    @Command(name = "cancel", description = "Cancels a run.", mixinStandardHelpOptions = true)
    void cancel(@Mixin ServerOptions options, @Parameters(paramLabel = "RUN") String run) {
        try (Connection connection = options.connect()) {
            options.output().item(connection.training().cancel(run), "Run " + run + " is being cancelled.");
        }
    }
}
