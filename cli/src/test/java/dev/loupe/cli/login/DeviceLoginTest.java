package dev.loupe.cli.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.Loupe;
import dev.loupe.cli.login.DeviceLogin.Pause;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.cli.server.Profile;
import dev.loupe.cli.server.Session;
import dev.loupe.client.ClientTls;
import dev.loupe.testing.OidcProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logins at a provider on a real socket, for a server that names it. */
class DeviceLoginTest {
    private static final Pattern CODE = Pattern.compile("enter the code ([0-9A-F]{8}):");

    private static OidcProvider provider;

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final List<Duration> pauses = new ArrayList<>();

    @TempDir
    Path folder;

    private HttpServer server;
    private Endpoints endpoints;
    private Profile profile;
    private volatile String options;
    private volatile String authorization;

    @BeforeAll
    static void startProvider() throws IOException {
        provider = new OidcProvider();
    }

    @AfterAll
    static void stopProvider() {
        provider.close();
    }

    @BeforeEach
    void start() throws IOException {
        provider.setDown(false);
        provider.setLifetime(300);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/auth/options", exchange -> send(exchange, options.isEmpty() ? 404 : 200, options));
        server.createContext("/api/v1/caller", exchange -> {
            authorization = exchange.getRequestHeaders().getFirst("Authorization");
            send(exchange, 200, """
                    {"name":"ann","kind":"PERSON","role":"ENGINEER","projects":{},"mode":"OIDC"}""");
        });
        server.start();
        endpoints = Endpoints.parse("http://127.0.0.1:" + server.getAddress().getPort());
        options = """
                {"mode":"OIDC","provider":true,"issuer":"%s","commandClientId":"%s","scopes":["openid"]}""".formatted(provider.issuer(), OidcProvider.COMMAND_CLIENT);
        Path file = folder.resolve("profile.json");
        profile = new Profile(file);
        System.setProperty("loupe.profile", file.toString());
    }

    @AfterEach
    void stop() {
        System.clearProperty("loupe.profile");
        server.stop(0);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private Session logIn(Pause pause) {
        return new DeviceLogin(
                        "https://loupe.example.org",
                        LoginOptions.of(endpoints, ClientTls.DEFAULT),
                        ClientTls.DEFAULT,
                        new PrintStream(shown, true, StandardCharsets.UTF_8),
                        time -> {
                            pauses.add(time);
                            pause.await(time);
                        })
                .run();
    }

    /** What the person does at the pause with this number. */
    private Pause at(int number, Runnable action) {
        return _ -> {
            if (pauses.size() == number) {
                action.run();
            }
        };
    }

    private String code() {
        Matcher found = CODE.matcher(shown.toString(StandardCharsets.UTF_8));
        assertTrue(found.find(), shown.toString(StandardCharsets.UTF_8));
        return found.group(1);
    }

    private CommandException failure(Pause pause) {
        return assertThrows(CommandException.class, () -> logIn(pause));
    }

    private String loupe(int expected, String... line) {
        List<String> arguments = new ArrayList<>(List.of(line));
        arguments.add("--server=" + endpoints.dataset());
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(all, true, StandardCharsets.UTF_8);
        System.setOut(stream);
        System.setErr(stream);
        try {
            int status = Loupe.run(arguments.toArray(String[]::new));
            assertEquals(expected, status, all.toString(StandardCharsets.UTF_8));
            return all.toString(StandardCharsets.UTF_8);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    @Test
    void waitsUntilThePersonHasEnteredTheCode() {
        Session session = logIn(at(3, () -> provider.allowDevice(code(), "ann")));

        assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)), pauses);
        assertTrue(session.isCurrent());
        assertTrue(shown.toString(StandardCharsets.UTF_8).contains(provider.issuer() + "/device?user_code=" + code()));
    }

    @Test
    void asksLessOftenWhenTheProviderSaysSo() {
        provider.slowDownDevices(2);

        logIn(at(1, () -> provider.allowDevice(code(), "ann")));

        assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(6), Duration.ofSeconds(11)), pauses);
    }

    @Test
    void goesOnAfterTheProviderWasAway() {
        logIn(_ -> {
            provider.setDown(pauses.size() == 1);
            if (pauses.size() == 2) {
                provider.allowDevice(code(), "ann");
            }
        });

        assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), pauses);
    }

    @Test
    void saysThatTheProviderStaysAway() {
        CommandException failure = failure(_ -> provider.setDown(true));

        assertTrue(failure.getMessage().contains("does not answer"), failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "access_denied, the login was refused at",
        "expired_token, the code expired before it was entered",
        "unauthorized_client, refused: unauthorized_client"
    })
    void saysWhyThereIsNoSession(String error, String message) {
        CommandException failure = failure(at(1, () -> provider.refuseDevices(error)));

        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @Test
    void endsWhenTheCodeHasExpired() {
        CommandException failure = failure(_ -> {});

        assertTrue(failure.getMessage().contains("the code expired"), failure.getMessage());
        assertEquals(600, pauses.size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"mode\":\"DISABLED\",\"provider\":false} | does not authenticate callers",
                "{\"mode\":\"TOKEN\",\"provider\":false} | has no OpenID Connect provider",
                "{\"mode\":\"OIDC\",\"provider\":true} | loupe.auth.oidc.command-client-id",
                "{} | does not say how persons log in",
                "<html> | does not say how persons log in",
                "'' | does not say how persons log in"
            })
    void saysWhyPersonsCannotLogInAtAServer(String said, String message) {
        options = said;

        String output = loupe(1, "login");

        assertTrue(output.contains(message), output);
        assertFalse(Files.exists(profile.file()));
    }

    @Test
    void saysThatTheProviderDoesNotAnswer() {
        provider.setDown(true);

        String output = loupe(1, "login");

        assertTrue(output.contains("the provider " + provider.issuer() + " does not answer"), output);
    }

    @Test
    void anUnknownClientIsRefused() {
        String output = loupe(1, "login", "--issuer=" + provider.issuer(), "--client-id=other");

        assertTrue(output.contains("refused: invalid_client"), output);
        assertEquals(2, Loupe.run("login", "--issuer=" + provider.issuer(), "--server=" + endpoints.dataset()));
    }

    @Test
    void commandsUseTheSessionAndRenewItUntilLogout() throws IOException {
        provider.setLifetime(1);
        Session session = logIn(at(1, () -> provider.allowDevice(code(), "ann")));
        profile.keep(endpoints, session);
        Session old = new Session(
                session.issuer(), session.clientId(), session.accessToken(), session.refreshToken(), Instant.EPOCH);
        profile.keep(endpoints, old);
        provider.setLifetime(300);

        assertTrue(loupe(0, "whoami").contains("You are 'ann': engineer"));

        Session renewed = profile.session(endpoints).orElseThrow();
        assertNotEquals(session.refreshToken(), renewed.refreshToken());
        assertEquals("Bearer " + renewed.accessToken(), authorization);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(profile.file())));
        assertTrue(loupe(0, "logout").contains("It has ended at " + provider.issuer()));
        assertTrue(profile.session(endpoints).isEmpty());
        profile.keep(endpoints, old);
        assertTrue(loupe(1, "whoami").contains("has ended: log in with ./loupe login"));
        profile.keep(endpoints, renewed);
        provider.setDown(true);
        assertEquals(0, Loupe.run("whoami", "--server=" + endpoints.dataset()), "the access token still counts");
        assertTrue(loupe(0, "logout").contains("It goes on until it expires"));
    }

    @Test
    void loginKeepsTheSession() throws InterruptedException {
        Thread person = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    provider.allowDevices("ann");
                    Thread.sleep(50);
                }
            } catch (InterruptedException _) {
                // The login has ended.
            }
        });

        String output = loupe(0, "login");

        person.interrupt();
        person.join();
        assertTrue(output.contains("You are 'ann': engineer in all projects. The session for"), output);
        assertTrue(profile.session(endpoints).isPresent());
    }
}
