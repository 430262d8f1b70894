package dev.loupe.cli.command;

import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import java.util.Comparator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "queue",
        description = "Shows which runs wait, when each is expected to start, and why not now.",
        mixinStandardHelpOptions = true)
public final class QueueCommand implements Runnable {
    private static final int MOST = 1_000;

    @Mixin
    private ServerOptions server;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            server.output()
                    .list(
                            connection.training().runs(null, "QUEUED", MOST).stream()
                                    .sorted(Comparator.comparingInt(
                                            run -> run.at("/queue/position").asInt()))
                                    .toList(),
                            Column.of("PLACE", "queue/position"),
                            Column.of("RUN", "id"),
                            Column.of("PROJECT", "project"),
                            Column.of("PRIORITY", "priority"),
                            Column.of("STARTS ABOUT", "queue/estimatedStart"),
                            Column.of("WHY NOT NOW", "reason"));
        }
    }

    @Command(
            name = "quotas",
            description = "Shows what projects may have at the same time.",
            mixinStandardHelpOptions = true)
    void quotas(@Mixin ServerOptions options) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.training().quotas(),
                            Column.of("PROJECT", "project"),
                            Column.of("RUNS", "maxRuns"),
                            Column.of("GPUS", "maxGpus"),
                            Column.of("WEIGHT", "weight"));
        }
    }

    @Command(
            name = "quota",
            description = "Says what a project may have at the same time; what is left out has no limit.",
            mixinStandardHelpOptions = true)
    void quota(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name") String project,
            @Option(names = "--runs", paramLabel = "N", description = "most runs that have a trainer") Integer runs,
            @Option(names = "--gpus", paramLabel = "N", description = "most GPUs of all its trainers") Integer gpus,
            @Option(
                            names = "--weight",
                            paramLabel = "X",
                            defaultValue = "1",
                            description = "of its share where several projects wait (default: ${DEFAULT-VALUE})")
                    double weight) {
        try (Connection connection = options.connect()) {
            options.output()
                    .item(
                            connection.training().setQuota(project, runs, gpus, weight),
                            "'" + project + "' may have " + limit(runs, "runs") + " and " + limit(gpus, "GPUs")
                                    + " at the same time, with weight " + weight + ".");
        }
    }

    private static String limit(Integer most, String what) {
        return most == null ? "any number of " + what : most + " " + what;
    }
}
