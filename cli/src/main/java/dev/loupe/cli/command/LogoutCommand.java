package dev.loupe.cli.command;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Json;
import dev.loupe.cli.server.Profile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "logout",
        description = "Removes the API token for the server from this machine. It is still valid: see tokens revoke.",
        mixinStandardHelpOptions = true)
public final class LogoutCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Override
    public void run() {
        Endpoints endpoints = server.endpoints();
        Profile profile = Profile.ofUser();
        if (!profile.remove(endpoints)) {
            throw new CommandException(profile.file() + " has no API token for " + endpoints.dataset());
        }
        server.output()
                .item(
                        Json.object().put("removed", endpoints.dataset().toString()),
                        "The API token for " + endpoints.dataset() + " is removed from " + profile.file() + ".");
    }
}
