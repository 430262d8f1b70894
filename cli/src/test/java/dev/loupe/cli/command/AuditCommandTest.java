package dev.loupe.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.cli.server.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server on a real socket, whose training-service does not know the project yet. */
class AuditCommandTest {
    private static final String HASH = "ab".repeat(32);

    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    @TempDir
    Path folder;

    private HttpServer server;

    /** The log of dataset-service, the newest entry first. */
    private volatile List<String> entries = List.of(entry(2, "10:00:00Z", "member.set"));

    /** Code with which training-service refuses. */
    private volatile String missing = "PROJECT_NOT_FOUND";

    private record Ended(int status, String output, String errors) {}

    private static String entry(int serial, String time, String action) {
        return """
                {"serial":%d,"id":"00000000-0000-7000-8000-00000000000%d","at":"2026-11-20T%s","actor":"token:ci",\
                "onBehalfOf":"ann","action":"%s","subject":"parts","detail":"","before":{"role":"VIEWER"},\
                "after":{"role":"ADMIN"},"previous":"%s","hash":"%s"}""".formatted(serial, serial, time, action, HASH, HASH);
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        String datasets = "/api/v1/audit/dataset-service";
        String models = "/api/v1/audit/inference-service";
        answer(datasets, 200, () -> "{\"items\":[" + String.join(",", entries) + "]}");
        answer(models, 200, "{\"items\":[" + entry(1, "11:00:00Z", "alias.promote") + "]}");
        answer("/api/v1/audit/training-service", 404, () -> """
                {"status":404,"code":"%s","detail":"no version of it yet","retryable":false}""".formatted(missing));
        answer(
                datasets + "/export",
                200,
                entry(1, "09:00:00Z", "project.create") + "\n" + entry(2, "10:00:00Z", "member.set") + "\n");
        answer(models + "/export", 200, entry(1, "11:00:00Z", "alias.promote") + "\n");
        String valid = "{\"valid\":true,\"entries\":2,\"head\":{\"serial\":2,\"hash\":\"" + HASH
                + "\"},\"problemCount\":0,\"problems\":[]}";
        answer(datasets + "/verification", 200, valid);
        answer("/api/v1/audit/training-service/verification", 200, valid);
        answer(models + "/verification", 200, """
                {"valid":false,"entries":1,"head":{"serial":1,"hash":"%s"},"problemCount":1,
                 "problems":[{"kind":"CHANGED","serial":1,"message":"entry 1 was changed"}]}""".formatted(HASH));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(String path, int status, String body) {
        answer(path, status, () -> body);
    }

    private void answer(String path, int status, Supplier<String> body) {
        server.createContext(path, exchange -> {
            requests.add(exchange.getRequestURI().toString());
            byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders()
                    .set("Content-Type", path.endsWith("/export") ? "application/jsonl" : "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private Ended loupe(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.add("--server=http://127.0.0.1:" + server.getAddress().getPort());
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
            System.setOut(out);
            System.setErr(err);
        }
    }

    @Test
    void listsTheChangesOfAllServicesNewestFirst() throws IOException {
        Ended table = loupe("audit", "list", "--project", "parts", "--by", "token:ci", "--action", "member.");

        assertEquals(0, table.status(), table.errors());
        assertTrue(table.output().indexOf("alias.promote") < table.output().indexOf("member.set"), table.output());
        assertTrue(table.output().contains("role=VIEWER -> role=ADMIN"), table.output());
        assertTrue(requests.stream()
                .anyMatch(request -> request.contains("actor=token%3Aci")
                        && request.contains("project=parts")
                        && request.contains("action=member.")));
        Ended json = loupe("audit", "list", "--project", "parts", "--limit", "1", "-o", "json");
        assertEquals(
                "inference-service", Json.read(json.output()).at("/0/service").asText());
        assertEquals(1, Json.read(json.output()).size());
        assertEquals(1, loupe("audit", "list").status()); // without a project, a 404 is an error
        missing = "AUDIT_NOT_FOUND";
        Ended other = loupe("audit", "list", "--project", "parts");
        assertEquals(1, other.status());
        assertTrue(other.errors().contains("no version of it yet"), other.errors());
    }

    @Test
    void listsTheChangesOfEachServiceInTheOrderOfTheirPlaces() throws IOException {
        entries = List.of(
                entry(4, "11:00:00.5Z", "member.set"), // after 11:00:00Z, though not as text
                entry(3, "09:00:00Z", "member.set"), // its transaction began first, and ended after that of place 2
                entry(2, "10:00:00.000001Z", "member.set"));

        JsonNode all = Json.read(
                loupe("audit", "list", "--project", "parts", "-o", "json").output());
        JsonNode some = Json.read(loupe("audit", "list", "--project", "parts", "--limit", "2", "-o", "json")
                .output());

        assertEquals(List.of("4", "1", "3", "2"), all.findValuesAsText("serial"));
        assertEquals(List.of("4", "1"), some.findValuesAsText("serial"));
    }

    @Test
    void exportsTheLinesOfAllServicesToANewFile() throws IOException {
        Path file = folder.resolve("audit.jsonl");

        Ended exported = loupe("audit", "export", "--file", file.toString(), "--project", "parts");

        assertEquals(0, exported.status(), exported.errors());
        assertEquals(3, Files.readAllLines(file).size());
        assertEquals(1, loupe("audit", "export", "--file", file.toString()).status());
        assertEquals(3, Files.readAllLines(file).size());
    }

    @Test
    void leavesNoFileOfAnExportThatFailed() {
        Path file = folder.resolve("audit.jsonl");

        Ended refused = loupe("audit", "export", "--file", file.toString());

        assertEquals(1, refused.status());
        assertTrue(refused.errors().contains("no version of it yet"), refused.errors());
        assertFalse(Files.exists(file));
    }

    @Test
    void verificationNamesTheProblemAndFails() {
        Ended verified = loupe("audit", "verify", "--expect-head", "dataset-service/2:" + HASH);

        assertEquals(1, verified.status());
        assertTrue(verified.output().contains("dataset-service: 2 entries, none was changed"), verified.output());
        assertTrue(verified.output().contains("Head: dataset-service/2:" + HASH), verified.output());
        assertTrue(verified.output().contains("entry 1 was changed"), verified.output());
        assertTrue(
                requests.contains("/api/v1/audit/dataset-service/verification?expectHead=2%3A" + HASH), "" + requests);
        assertEquals(2, loupe("audit", "verify", "--expect-head", "2:" + HASH).status());
        String one = "dataset-service/1:" + HASH;
        Ended two = loupe("audit", "verify", "--expect-head", one, "--expect-head", "dataset-service/2:" + HASH);
        assertEquals(2, two.status());
        assertTrue(two.errors().contains("got two of dataset-service"), two.errors());
    }
}
