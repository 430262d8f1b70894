package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import dev.loupe.client.dataset.model.NewProjectLimits;
import dev.loupe.client.dataset.model.NewTenantLimits;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "limits",
        description = "Shows and sets what projects, API tokens and tenants may use. Quotas of runs: queue quota.",
        mixinStandardHelpOptions = true)
public final class LimitsCommand implements Runnable {
    private static final String RATE = "requests in a second to one replica (without it: the server's default)";

    @Spec
    private CommandSpec specification;

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(),
                "expected a command: show, set, show-token, set-token, show-tenant or set-tenant");
    }

    @Command(name = "show", description = "Shows what a project uses of its limits.", mixinStandardHelpOptions = true)
    void show(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project) {
        try (Connection connection = options.connect()) {
            JsonNode limits = connection.limits().ofProject(project);
            options.output().item(limits, describe(limits));
        }
    }

    @Command(
            name = "set",
            description = "Sets the limits of a project; without an option, the server's default counts.",
            mixinStandardHelpOptions = true)
    void set(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project,
            @Option(names = "--images", paramLabel = "N", description = "most images") Long images,
            @Option(names = "--bytes", paramLabel = "N", description = "most bytes of all images") Long bytes,
            @Option(names = "--requests-per-second", paramLabel = "X", description = RATE) Double rate) {
        try (Connection connection = options.connect()) {
            JsonNode limits = connection
                    .limits()
                    .setOfProject(
                            project,
                            new NewProjectLimits()
                                    .maxImages(images)
                                    .maxBytes(bytes)
                                    .requestsPerSecond(rate));
            options.output().item(limits, describe(limits));
        }
    }

    @Command(name = "show-token", description = "Shows the limit of an API token.", mixinStandardHelpOptions = true)
    void showToken(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "TOKEN", description = "its name or id, not the token itself") String token) {
        try (Connection connection = options.connect()) {
            JsonNode limits = connection.limits().ofToken(token);
            options.output().item(limits, rate(limits));
        }
    }

    @Command(name = "set-token", description = "Sets the limit of an API token.", mixinStandardHelpOptions = true)
    void setToken(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "TOKEN", description = "its name or id, not the token itself") String token,
            @Option(names = "--requests-per-second", paramLabel = "X", description = RATE) Double rate) {
        try (Connection connection = options.connect()) {
            JsonNode limits = connection.limits().setOfToken(token, rate);
            options.output().item(limits, rate(limits));
        }
    }

    @Command(
            name = "show-tenant",
            description = "Shows what all projects of a tenant together use of its limits.",
            mixinStandardHelpOptions = true)
    void showTenant(@Mixin ServerOptions options, @Parameters(paramLabel = "TENANT") String tenant) {
        try (Connection connection = options.connect()) {
            JsonNode limits = connection.limits().ofTenant(tenant);
            options.output().item(limits, describe(limits));
        }
    }

    @Command(
            name = "set-tenant",
            description = "Sets the limits of a tenant; without an option, there is no such limit.",
            mixinStandardHelpOptions = true)
    void setTenant(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "TENANT") String tenant,
            @Option(names = "--images", paramLabel = "N", description = "most images of all its projects") Long images,
            @Option(names = "--bytes", paramLabel = "N", description = "most bytes of these images") Long bytes,
            @Option(
                            names = "--requests-per-second",
                            paramLabel = "X",
                            description = "requests of all its callers in a second to one replica")
                    Double rate) {
        try (Connection connection = options.connect()) {
            JsonNode limits = connection
                    .limits()
                    .setOfTenant(
                            tenant,
                            new NewTenantLimits()
                                    .maxImages(images)
                                    .maxBytes(bytes)
                                    .requestsPerSecond(rate));
            options.output().item(limits, describe(limits));
        }
    }

    private static String describe(JsonNode limits) {
        return used(limits, "images", "maxImages", "images")
                + System.lineSeparator()
                + used(limits, "bytes", "maxBytes", "bytes of images")
                + System.lineSeparator()
                + rate(limits);
    }

    private static String used(JsonNode limits, String used, String most, String what) {
        String limit = limits.hasNonNull(most) ? "of " + limits.path(most).asLong() : "without a limit";
        return limits.path(used).asLong() + " " + what + ", " + limit;
    }

    private static String rate(JsonNode limits) {
        return limits.hasNonNull("requestsPerSecond")
                ? Output.text(limits.path("requestsPerSecond")) + " requests in a second to each replica"
                : "requests without a limit";
    }
}
