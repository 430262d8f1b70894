package dev.loupe.tests.path;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.Ports;
import dev.loupe.local.StackListener;
import dev.loupe.testing.OidcProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Persons log in to the console in Chromium: all services, and a provider with a login form. */
class LoginBrowserIT {
    private static final Path DATA = Path.of("target/login-stack").toAbsolutePath();
    private static final String COOKIE_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    @Test
    void personsLogInAndOut() throws Exception {
        ConsoleIT.requireBrowser();
        int port = freePort();
        try (OidcProvider provider = new OidcProvider()) {
            HttpServer control = control(provider);
            try {
                run(
                        port,
                        login(provider.issuer(), port),
                        Map.of(
                                "LOUPE_LOGIN",
                                "http://127.0.0.1:" + control.getAddress().getPort()),
                        "login.spec.ts");
            } finally {
                control.stop(0);
            }
        }
    }

    /** Runs the tests of a file on services and a console with this configuration. */
    private static void run(int port, Map<String, String> environment, Map<String, String> ofTests, String file)
            throws Exception {
        Ports ports = new Ports(0, 0, 0, 0, port, 0, 0, 0);
        try (LocalStack stack = LocalStack.start(
                new LocalStackOptions(LoupeProgram.HOME, DATA, ports, false, true).withEnvironment(environment),
                StackListener.SILENT)) {
            Optional<URI> console = stack.startConsole();
            ConsoleIT.require(console.isPresent(), "the console is not built, because there is no Node");
            ConsoleIT.Outcome outcome = ConsoleIT.playwright(console.orElseThrow(), ofTests, file);
            assertEquals(0, outcome.status(), outcome::text);
        }
    }

    /** Configuration of services and of a console at this port. */
    static Map<String, String> login(String issuer, int port) {
        return Map.of(
                "LOUPE_AUTH_MODE",
                "oidc",
                "LOUPE_AUTH_OIDC_ISSUER",
                issuer,
                "LOUPE_AUTH_OIDC_AUDIENCE",
                OidcProvider.AUDIENCE,
                "LOUPE_AUTH_OIDC_CLOCK_SKEW",
                "0s",
                "LOUPE_AUTH_OIDC_CLIENT_ID",
                OidcProvider.CLIENT,
                "LOUPE_AUTH_OIDC_CLIENT_SECRET",
                OidcProvider.SECRET,
                "LOUPE_AUTH_COOKIE_KEY",
                COOKIE_KEY,
                "LOUPE_CONSOLE_URL",
                "http://127.0.0.1:" + port);
    }

    /** Changes the provider: {@code /role/PERSON/ROLE}, {@code /lifetime/SECONDS}, {@code /down/BOOLEAN}, {@code /no-tokens}, {@code
     * /end}. */
    private static HttpServer control(OidcProvider provider) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String[] path = exchange.getRequestURI().getPath().substring(1).split("/");
            switch (path[0]) {
                case "role" -> provider.setRoles(path[1], "loupe-" + path[2]);
                case "lifetime" -> provider.setLifetime(Integer.parseInt(path[1]));
                case "down" -> provider.setDown(Boolean.parseBoolean(path[1]));
                case "no-tokens" -> provider.stopTokens();
                case "end" -> provider.endSessions();
                default -> throw new IllegalArgumentException(path[0]);
            }
            done(exchange);
        });
        server.start();
        return server;
    }

    private static void done(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
