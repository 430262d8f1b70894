package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.login.DeviceLogin;
import dev.loupe.cli.login.LoginOptions;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Profile;
import dev.loupe.cli.server.Session;
import dev.loupe.client.ClientTls;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "login",
        description = {
            "Logs you in at the server: by a code that you enter at its OpenID Connect provider, with any browser,",
            "or with --token by an API token. What later commands need is kept in a file that only you can read,",
            "with the names of the files of --ca, --certificate and --key."
        },
        mixinStandardHelpOptions = true)
public final class LoginCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    /** With a value, it is refused, and not printed: others can see the arguments of a command. */
    @Option(
            names = "--token",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "",
            hideParamSyntax = true,
            description = "log in by an API token: the first line of the input, or asked for")
    private String token;

    @Option(
            names = "--issuer",
            paramLabel = "URL",
            description = "the provider, for a server that is not asked by the address of its console")
    private String issuer;

    @Option(
            names = "--client-id",
            paramLabel = "ID",
            description = "name of the command line at the provider, with --issuer")
    private String clientId;

    @Parameters(hidden = true, arity = "0..1")
    private String argument;

    @Override
    public void run() {
        boolean byToken = token != null;
        if (argument != null || (byToken && !token.isEmpty())) {
            // Not printed: it may be a token.
            throw new UsageException("login: expected no argument: a token is read from the input, or asked for");
        }
        if ((issuer == null) != (clientId == null) || (byToken && issuer != null)) {
            throw new UsageException(
                    "login: expected both --issuer and --client-id, or --token alone, or none of them");
        }
        Endpoints endpoints = server.endpoints();
        Profile profile = Profile.ofUser();
        if (byToken) {
            String read = readToken();
            JsonNode caller = caller(endpoints, read);
            profile.keep(endpoints, read);
            logged(endpoints, profile, caller, "The token");
        } else {
            ClientTls tls = server.tls(endpoints);
            LoginOptions options =
                    issuer == null ? LoginOptions.of(endpoints, tls) : new LoginOptions(issuer, clientId);
            Session session = new DeviceLogin(endpoints.dataset().toString(), options, tls, System.err).run();
            JsonNode caller = caller(endpoints, session.accessToken());
            profile.keep(endpoints, session);
            logged(endpoints, profile, caller, "The session");
        }
    }

    /** Who the token makes the caller; a token that the server refuses is not kept. */
    private JsonNode caller(Endpoints endpoints, String token) {
        try (Connection connection = server.connect(endpoints, () -> token)) {
            return connection.tokens().caller();
        }
    }

    private void logged(Endpoints endpoints, Profile profile, JsonNode caller, String what) {
        profile.keep(endpoints, server.certificates().or(profile.certificates(endpoints)));
        server.output()
                .item(
                        caller,
                        WhoamiCommand.describe(caller) + " " + what + " for " + endpoints.dataset() + " is kept in "
                                + profile.file() + ".");
    }

    private static String readToken() {
        Console console = System.console();
        String text;
        if (console != null && console.isTerminal()) {
            char[] typed = console.readPassword("API token: ");
            text = typed == null ? "" : new String(typed);
        } else {
            text = firstLine();
        }
        if (!text.strip().matches("loupe_[A-Za-z0-9_-]{43}")) {
            throw new UsageException("--token: expected loupe_ and 43 letters, digits, - and _ in the input");
        }
        return text.strip();
    }

    private static String firstLine() {
        try {
            String line = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
            return line == null ? "" : line;
        } catch (IOException e) {
            throw new CommandException("the input can't be read: " + e.getMessage(), e);
        }
    }
}
