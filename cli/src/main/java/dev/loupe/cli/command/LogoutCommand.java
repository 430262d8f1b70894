package dev.loupe.cli.command;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.login.CurrentToken;
import dev.loupe.cli.server.CertificateFiles;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Json;
import dev.loupe.cli.server.Profile;
import dev.loupe.cli.server.Session;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "logout",
        description = {
            "Removes the login for the server from this machine, and ends a session at its provider.",
            "An API token is still valid: see tokens revoke."
        },
        mixinStandardHelpOptions = true)
public final class LogoutCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Override
    public void run() {
        Endpoints endpoints = server.endpoints();
        Profile profile = Profile.ofUser();
        // Of the certificates that the removal forgets.
        CertificateFiles certificates = server.certificates().or(profile.certificates(endpoints));
        // Together, so that no renewal comes in between.
        Optional<Session> session = profile.exclusively(() -> {
            Optional<Session> ended = profile.session(endpoints);
            if (!profile.remove(endpoints)) {
                throw new CommandException(profile.file() + " has no login for " + endpoints.dataset());
            }
            return ended;
        });
        String what = session.isPresent() ? "session" : "API token";
        server.output()
                .item(
                        Json.object().put("removed", endpoints.dataset().toString()),
                        "The " + what + " for " + endpoints.dataset() + " is removed from " + profile.file() + "."
                                + session.map(ended -> atProvider(ended, certificates))
                                        .orElse(""));
    }

    /** What became of the session at its provider, which need not be reached for a logout. */
    private static String atProvider(Session session, CertificateFiles certificates) {
        try {
            return CurrentToken.end(session, certificates.read())
                    ? " It has ended at " + session.issuer() + "."
                    : " " + session.issuer() + " goes on with it until it expires.";
        } catch (CommandException e) {
            return " It goes on until it expires: " + e.getMessage();
        }
    }
}
