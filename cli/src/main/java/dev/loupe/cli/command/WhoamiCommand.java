package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "whoami",
        description = "Shows who you are to the server, and what you may do.",
        mixinStandardHelpOptions = true)
public final class WhoamiCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            JsonNode caller = connection.tokens().caller();
            server.output().item(caller, describe(caller));
        }
    }

    static String describe(JsonNode caller) {
        if (caller.path("mode").asText().equals("DISABLED")) {
            return "The server does not authenticate callers: everyone is an administrator.";
        }
        StringBuilder roles = new StringBuilder();
        if (caller.hasNonNull("role")) {
            roles.append(word(caller.path("role"))).append(" in all projects");
        }
        caller.path("projects").properties().forEach(project -> roles.append(roles.isEmpty() ? "" : ", ")
                .append(word(project.getValue()))
                .append(" in project ")
                .append(project.getKey()));
        String tenant = caller.path("tenant").asText("default");
        return "You are '" + caller.path("name").asText() + "'"
                + (tenant.equals("default") ? "" : " of the tenant '" + tenant + "'") + ": " + roles + ".";
    }

    private static String word(JsonNode role) {
        return role.asText().toLowerCase(Locale.ROOT);
    }
}
