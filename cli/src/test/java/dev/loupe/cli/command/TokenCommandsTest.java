package dev.loupe.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.cli.server.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real server on a real socket that knows one API token. */
class TokenCommandsTest {
    private static final String TOKEN = "loupe_" + "x".repeat(43);
    private static final String UNAUTHENTICATED =
            "{\"status\":401,\"code\":\"UNAUTHENTICATED\",\"detail\":\"expected a token\"}";
    private static final String PROFILE = "loupe.profile";

    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    @TempDir
    Path folder;

    private HttpServer server;
    private Path profile;

    private record Ended(int status, String output, String errors) {}

    @BeforeEach
    void start() throws IOException {
        profile = folder.resolve("new").resolve("profile.json");
        System.setProperty(PROFILE, profile.toString());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        answer("/api/v1/caller", """
                {"name":"token:ann","kind":"TOKEN","role":"ADMIN","projects":{},"mode":"TOKEN"}""");
        answer("/api/v1/projects", "{\"items\":[]}");
        answer(
                "/api/v1/projects/parts/members",
                "{\"kind\":\"GROUP\",\"name\":\"line-2\",\"role\":\"LABELLER\",\"items\":[]}");
        answer("/api/v1/tokens", """
                {"id":"5a3a4f0e-0a77-4d0c-8f0e-2a1f5a4e9c07","name":"camera-1","role":"VIEWER","state":"VALID",
                 "createdBy":"token:ann","createdAt":"2026-11-20T10:15:30Z","expiresAt":"2027-02-18T10:15:30Z",
                 "token":"loupe_created","items":[]}""");
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        System.clearProperty(PROFILE);
    }

    private void answer(String path, String body) {
        server.createContext(path, exchange -> {
            boolean known =
                    ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            send(exchange, known ? 200 : 401, known ? body : UNAUTHENTICATED);
        });
    }

    private void send(HttpExchange exchange, int status, String body) throws IOException {
        String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + sent);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private Ended logIn() {
        return loupe("login --token", TOKEN + "\n");
    }

    private Ended loupe(String line) {
        return loupe(line, "");
    }

    private Ended loupe(String line, String input) {
        List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
        arguments.add("--server=http://127.0.0.1:" + server.getAddress().getPort());
        InputStream in = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            int status = Loupe.run(arguments.toArray(String[]::new));
            return new Ended(status, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
        }
    }

    @Test
    void loginKeepsTheTokenForLaterCommandsInAFileOfItsOwner() throws IOException {
        assertEquals(1, loupe("projects").status());

        Ended login = logIn();

        assertEquals(0, login.status(), login.errors());
        assertTrue(login.output().contains("You are 'token:ann': admin in all projects."), login.output());
        assertFalse(login.output().contains(TOKEN), login.output());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(profile)));
        assertEquals(0, loupe("projects").status());
        assertEquals(0, loupe("logout").status());
        assertEquals(1, loupe("projects").status());
        assertEquals(1, loupe("logout").status());
    }

    @Test
    void loginKeepsNoTokenThatTheServerRefuses() {
        Ended login = loupe("login -o json --token", "loupe_" + "y".repeat(43));

        assertEquals(1, login.status());
        assertTrue(login.errors().contains("\"code\" : \"UNAUTHENTICATED\""), login.errors());
        assertFalse(Files.exists(profile));
        assertEquals(2, loupe("login --token", "secret").status());
        assertEquals(2, loupe("login --token", "").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"login --token ", "login --token=", "login "})
    void aTokenIsNoArgument(String command) {
        Ended login = loupe(command + TOKEN);

        assertEquals(2, login.status());
        assertFalse(login.errors().contains(TOKEN), login.errors());
        assertFalse(Files.exists(profile));
    }

    @Test
    void refusesAProfileThatOthersCanRead() throws IOException {
        logIn();
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString("rw-r--r--"));

        Ended ended = loupe("projects");

        assertEquals(1, ended.status());
        assertTrue(ended.errors().contains("chmod 600"), ended.errors());
    }

    @Test
    void createShowsTheTokenOnce() throws IOException {
        logIn();

        Ended created = loupe("tokens create camera-1 --role viewer --project parts --days 30");

        assertEquals(0, created.status(), created.errors());
        assertEquals("loupe_created", created.output().lines().findFirst().orElseThrow());
        String sent = requests.stream()
                .filter(request -> request.startsWith("POST /api/v1/tokens"))
                .findFirst()
                .orElseThrow();
        JsonNode body = Json.read(sent.substring(sent.indexOf('{')));
        assertEquals("camera-1", body.path("name").asText());
        assertEquals("VIEWER", body.path("role").asText());
        assertEquals("parts", body.path("project").asText());
        assertEquals(30, body.path("expiresInDays").asInt());
    }

    @Test
    void givesAGroupARoleInAProject() throws IOException {
        logIn();

        Ended set = loupe("members set parts /line-2 --group --role labeller");

        assertEquals(0, set.status(), set.errors());
        String sent = requests.stream()
                .filter(request -> request.startsWith("POST /api/v1/projects/parts/members "))
                .findFirst()
                .orElseThrow();
        JsonNode body = Json.read(sent.substring(sent.indexOf('{')));
        assertEquals("GROUP", body.path("kind").asText());
        assertEquals("/line-2", body.path("name").asText());
        assertEquals("LABELLER", body.path("role").asText());
        assertEquals(0, loupe("members list parts").status());
        assertEquals(2, loupe("members set parts ann --role owner").status());
        assertEquals(2, loupe("members").status());
    }

    @Test
    void removesAMemberByKindAndName() {
        logIn();

        assertEquals(0, loupe("members remove parts /line-2 --group").status());
        assertEquals(0, loupe("members remove parts ann").status());

        List<String> removals = requests.stream()
                .filter(request -> request.startsWith("DELETE"))
                .toList();
        assertEquals(
                List.of(
                        "DELETE /api/v1/projects/parts/members?kind=GROUP&name=%2Fline-2 ",
                        "DELETE /api/v1/projects/parts/members?kind=PERSON&name=ann "),
                removals);
    }

    @Test
    void setsAndShowsTheLimitsOfATenant() throws IOException {
        logIn();
        answer("/api/v1/tenants/acme/limits", """
                {"maxImages":1000,"requestsPerSecond":50.0,"images":12,"bytes":3456}""");

        Ended set = loupe("limits set-tenant acme --images 1000 --requests-per-second 50");

        assertEquals(0, set.status(), set.errors());
        assertEquals(
                List.of(
                        "12 images, of 1000",
                        "3456 bytes of images, without a limit",
                        "50.00 requests in a second to each replica"),
                set.output().lines().toList());
        String sent = requests.stream()
                .filter(request -> request.startsWith("PUT /api/v1/tenants/acme/limits "))
                .findFirst()
                .orElseThrow();
        JsonNode body = Json.read(sent.substring(sent.indexOf('{')));
        assertEquals(1000, body.path("maxImages").asLong());
        assertFalse(body.hasNonNull("maxBytes"));
        assertEquals(50, body.path("requestsPerSecond").asDouble());
        Ended shown = loupe("limits show-tenant acme");
        assertEquals(set.output(), shown.output());
        assertEquals(2, loupe("limits set-tenant").status());
    }

    @Test
    void revokesByName() {
        logIn();

        assertEquals(0, loupe("tokens revoke camera-1").status());
        assertEquals(0, loupe("tokens list").status());
        assertEquals(2, loupe("tokens create x --role owner").status());
        assertTrue(requests.stream().anyMatch(request -> request.startsWith("DELETE /api/v1/tokens/camera-1")));
    }
}
