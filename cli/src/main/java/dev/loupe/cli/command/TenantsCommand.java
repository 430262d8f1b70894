package dev.loupe.cli.command;

import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "tenants",
        description = "Lists tenants, what each uses, and its limits;"
                + " for administrators of all projects of the tenant 'default'.",
        mixinStandardHelpOptions = true)
public final class TenantsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            server.output()
                    .list(
                            connection.tokens().tenants(),
                            Column.whole("TENANT", "name"),
                            Column.of("PROJECTS", "projects"),
                            Column.of("IMAGES", "images"),
                            Column.of("BYTES", "bytes"),
                            Column.of("TOKENS", "tokens"),
                            Column.of("MOST IMAGES", "maxImages"),
                            Column.of("MOST BYTES", "maxBytes"),
                            Column.of("REQUESTS/S", "requestsPerSecond"));
        }
    }
}
