package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import java.util.Comparator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "queue",
        description = "Shows the waiting runs, their estimated start, and what each waits for.",
        mixinStandardHelpOptions = true)
public final class QueueCommand implements Runnable {
    private static final int MAX_RUNS = 1_000;

    @Mixin
    private ServerOptions server;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            server.output()
                    .list(
                            connection.training().runs(null, "QUEUED", null, true, MAX_RUNS).stream()
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

    @Command(name = "quotas", description = "Shows the quotas of projects.", mixinStandardHelpOptions = true)
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
            description = "Sets the quota of a project; an omitted option means no limit.",
            mixinStandardHelpOptions = true)
    void quota(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name") String project,
            @Option(names = "--runs", paramLabel = "N", description = "most runs with a trainer at the same time")
                    Integer runs,
            @Option(names = "--gpus", paramLabel = "N", description = "most GPUs of all its trainers at the same time")
                    Integer gpus,
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

    @Command(
            name = "show-tenant-quota",
            description = "Shows the quota of all projects of a tenant together.",
            mixinStandardHelpOptions = true)
    void showTenantQuota(@Mixin ServerOptions options, @Parameters(paramLabel = "TENANT") String tenant) {
        try (Connection connection = options.connect()) {
            JsonNode quota = connection.training().quotaOfTenant(tenant);
            options.output().item(quota, describe(tenant, quota));
        }
    }

    @Command(
            name = "tenant-quota",
            description = "Sets the quota of all projects of a tenant together; an omitted option means no limit.",
            mixinStandardHelpOptions = true)
    void tenantQuota(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "TENANT") String tenant,
            @Option(names = "--runs", paramLabel = "N", description = "most runs with a trainer at the same time")
                    Integer runs,
            @Option(names = "--gpus", paramLabel = "N", description = "most GPUs of all its trainers at the same time")
                    Integer gpus) {
        try (Connection connection = options.connect()) {
            JsonNode quota = connection.training().setQuotaOfTenant(tenant, runs, gpus);
            options.output().item(quota, describe(tenant, quota));
        }
    }

    private static String describe(String tenant, JsonNode quota) {
        Integer runs = quota.hasNonNull("maxRuns") ? quota.path("maxRuns").asInt() : null;
        Integer gpus = quota.hasNonNull("maxGpus") ? quota.path("maxGpus").asInt() : null;
        return "All projects of the tenant '" + tenant + "' together may have " + limit(runs, "runs") + " and "
                + limit(gpus, "GPUs") + " at the same time.";
    }

    private static String limit(Integer most, String what) {
        return most == null ? "any number of " + what : most + " " + what;
    }
}
