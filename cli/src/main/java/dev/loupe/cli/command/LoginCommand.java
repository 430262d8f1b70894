package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Profile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "login",
        description = "Keeps an API token for the server, in a file that only you can read.",
        mixinStandardHelpOptions = true)
public final class LoginCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            required = true,
            interactive = true,
            arity = "0..1",
            prompt = "API token: ",
            description = "the API token; without a value, it is asked for, and not shown")
    private String token;

    @Override
    public void run() {
        String text = token.strip();
        if (!text.matches("loupe_[A-Za-z0-9_-]{43}")) {
            throw new UsageException("--token: expected loupe_ and 43 letters, digits, - and _");
        }
        Endpoints endpoints = server.endpoints();
        try (Connection connection = server.connect(endpoints, text)) {
            JsonNode caller = connection.tokens().caller();
            Profile profile = Profile.ofUser();
            profile.keep(endpoints, text);
            server.output()
                    .item(
                            caller,
                            WhoamiCommand.describe(caller) + " The token for " + endpoints.dataset() + " is kept in "
                                    + profile.file() + ".");
        }
    }
}
