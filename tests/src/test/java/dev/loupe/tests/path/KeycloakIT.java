package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.Ports;
import dev.loupe.local.StackListener;
import dev.loupe.tests.path.LoupeProgram.Ended;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Persons log in at a real Keycloak: in the console with Chromium, and in the command line by device code. {@code
 * LOUPE_KEYCLOAK} is the folder of a Keycloak; the Maven profile {@code keycloak} sets it. {@code
 * docs/guides/security.md} says which properties of a login are tested here, and which with a provider of the tests alone.
 */
@Tag("long")
class KeycloakIT {
    private static final Path DATA = Path.of("target/keycloak-stack").toAbsolutePath();
    private static final Duration NEXT_TOKEN = Keycloak.LIFETIME.plusSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Keycloak keycloak;
    private static LocalStack stack;
    private static URI console;

    @BeforeAll
    static void start() throws Exception {
        ConsoleIT.requireBrowser();
        String distribution = System.getenv("LOUPE_KEYCLOAK");
        ConsoleIT.require(distribution != null, "LOUPE_KEYCLOAK names no folder");
        int port = LoginBrowserIT.freePort();
        keycloak = new Keycloak(
                Path.of(distribution), DATA.resolveSibling("keycloak"), "127.0.0.1", LoginBrowserIT.freePort(), null);
        keycloak.configure("http://127.0.0.1:" + port);
        Map<String, String> environment = new HashMap<>(LoginBrowserIT.login(keycloak.issuer(), port));
        environment.put("LOUPE_AUTH_OIDC_ROLES_CLAIM", "realm_access.roles");
        environment.put("LOUPE_AUTH_OIDC_COMMAND_CLIENT_ID", "loupe-cli");
        Ports ports = new Ports(0, 0, 0, 0, port, 0, 0, 0);
        stack = LocalStack.start(
                new LocalStackOptions(LoupeProgram.HOME, DATA, ports, false, true).withEnvironment(environment),
                StackListener.SILENT);
        Optional<URI> started = stack.startConsole();
        ConsoleIT.require(started.isPresent(), "the console is not built, because there is no Node");
        console = started.orElseThrow();
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
        }
        if (keycloak != null) {
            keycloak.close();
        }
    }

    @Test
    void personsLogInToTheConsole() throws Exception {
        HttpServer control = control();
        try {
            ConsoleIT.Outcome outcome = ConsoleIT.playwright(
                    console,
                    Map.of(
                            "LOUPE_KEYCLOAK_CONTROL",
                            "http://127.0.0.1:" + control.getAddress().getPort()),
                    "keycloak.spec.ts");
            assertEquals(0, outcome.status(), outcome::text);
        } finally {
            control.stop(0);
        }
    }

    @Test
    void personLogsInToTheCommandLineByDeviceCode(@TempDir Path folder) throws Exception {
        keycloak.setRole("engineer");
        Path profile = folder.resolve("profile.json");
        LoupeProgram program = new LoupeProgram(folder, Map.of("LOUPE_PROFILE", profile.toString()));

        logIn(program, folder, console);
        assertEquals("ENGINEER", role(program));

        String first = key(session(profile));
        keycloak.rotateKey();
        keycloak.setRole("viewer");
        await().atMost(NEXT_TOKEN).pollInterval(Duration.ofSeconds(3)).until(() -> role(program)
                .equals("VIEWER"));
        assertNotEquals(first, key(session(profile)), "the key that signs");

        String refreshToken = session(profile).path("refreshToken").asText();
        assertTrue(keycloak.accepts(refreshToken));
        Ended logout = program.run(List.of("logout", "--server", console.toString()));
        assertEquals(0, logout.status(), logout.output());
        assertFalse(keycloak.accepts(refreshToken), "the session ended at Keycloak");
    }

    @Test
    void sessionOfTheCommandLineEndsWithThatAtKeycloak(@TempDir Path folder) throws Exception {
        LoupeProgram program = new LoupeProgram(
                folder, Map.of("LOUPE_PROFILE", folder.resolve("profile.json").toString()));
        logIn(program, folder, console);

        keycloak.endSessions();

        await().atMost(NEXT_TOKEN).pollInterval(Duration.ofSeconds(3)).untilAsserted(() -> {
            Ended refused = program.run(List.of("whoami", "--server", console.toString()));
            assertNotEquals(0, refused.status(), refused.output());
            assertTrue(refused.output().contains("has ended: log in with ./loupe login"), refused.output());
        });
    }

    /**
     * The person opens the page that the command shows, in Chromium, and grants the access.
     *
     * @param options of the command
     */
    static void logIn(LoupeProgram program, Path folder, URI console, String... options) throws Exception {
        Path output = Files.createTempFile(folder, "login", ".txt");
        List<String> command = new ArrayList<>(List.of("login", "--server", console.toString()));
        command.addAll(List.of(options));
        Process login = program.start(command, output);
        try {
            Pattern page = Pattern.compile("http\\S+/device\\?user_code=\\S+");
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> page.matcher(Files.readString(output)).find());
            Matcher shown = page.matcher(Files.readString(output));
            assertTrue(shown.find());
            ConsoleIT.Outcome granted =
                    ConsoleIT.playwright(console, Map.of("LOUPE_DEVICE_PAGE", shown.group()), "keycloakLogin.spec.ts");
            assertEquals(0, granted.status(), granted::text);
            assertTrue(login.waitFor(1, TimeUnit.MINUTES), () -> "the command still waits: " + text(output));
            assertEquals(0, login.exitValue(), () -> text(output));
        } finally {
            login.destroy();
        }
    }

    private static String role(LoupeProgram program) throws IOException, InterruptedException {
        Ended ended = program.run(List.of("whoami", "--server", console.toString(), "--output", "json"));
        assertEquals(0, ended.status(), ended.output());
        JsonNode caller = JSON.readTree(ended.output());
        assertEquals(Keycloak.PERSON, caller.path("name").asText());
        return caller.path("role").asText();
    }

    /** What the command line keeps for its only server. */
    private static JsonNode session(Path profile) throws IOException {
        return JSON.readTree(profile.toFile()).path("sessions").elements().next();
    }

    /** Names the key that the access token is signed with. */
    private static String key(JsonNode session) throws IOException {
        String header = session.path("accessToken").asText().split("\\.")[0];
        return JSON.readTree(Base64.getUrlDecoder().decode(header)).path("kid").asText();
    }

    /** Changes Keycloak: {@code /role/ROLE}, {@code /rotate}, {@code /end}, {@code /down}, {@code /up}. */
    private static HttpServer control() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String[] path = exchange.getRequestURI().getPath().substring(1).split("/");
            switch (path[0]) {
                case "role" -> keycloak.setRole(path[1]);
                case "rotate" -> keycloak.rotateKey();
                case "end" -> keycloak.endSessions();
                case "down" -> keycloak.stop();
                case "up" -> keycloak.start();
                default -> throw new IllegalArgumentException(path[0]);
            }
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
