package dev.loupe.cli.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server on a real socket, whose answers the tests write. */
class HttpTest {
    private final ConcurrentLinkedQueue<String> keys = new ConcurrentLinkedQueue<>();
    private HttpServer server;
    private URI base;
    private Http http;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        http = new Http();
    }

    @AfterEach
    void stop() {
        http.close();
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream output = exchange.getResponseBody()) {
            output.write(bytes);
        }
    }

    private static String problem(int status, String code, boolean retryable) {
        return "{\"status\":" + status + ",\"code\":\"" + code + "\",\"detail\":\"what came\",\"retryable\":"
                + retryable + "}";
    }

    /** Answers with one after the other, then with the last again and again. */
    private HttpHandler script(List<Integer> statuses, List<String> bodies) {
        ConcurrentLinkedQueue<Integer> left = new ConcurrentLinkedQueue<>(
                java.util.stream.IntStream.range(0, statuses.size()).boxed().toList());
        return exchange -> {
            int now = left.size() > 1 ? left.poll() : left.peek();
            String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
            if (key != null) {
                keys.add(key);
            }
            exchange.getRequestBody().readAllBytes();
            answer(exchange, statuses.get(now), bodies.get(now));
        };
    }

    @Test
    void aRefusalIsOneSentenceWithItsCode() {
        server.createContext("/", script(List.of(409), List.of(problem(409, "PROJECT_EXISTS", false))));

        ProblemException refused =
                assertThrows(ProblemException.class, () -> http.post(base.resolve("/x"), Json.object()));

        assertEquals("what came (PROJECT_EXISTS)", refused.getMessage());
        assertEquals("PROJECT_EXISTS", refused.code());
        assertEquals(1, keys.size(), "it was tried again");
    }

    @Test
    void whatMayPassIsTriedAgainUnderTheSameIdempotencyKey() {
        server.createContext(
                "/",
                script(
                        List.of(404, 503, 201),
                        List.of(
                                problem(404, "DATASET_VERSION_NOT_FOUND", true),
                                problem(503, "DATABASE_UNAVAILABLE", true),
                                "{\"id\":7}")));

        JsonNode made = http.post(base.resolve("/x"), Json.object());

        assertEquals(7, made.path("id").asInt());
        assertEquals(3, keys.size());
        assertEquals(1, keys.stream().distinct().count());
    }

    @Test
    void anAnswerThatIsNoProblemDocumentIsToldByItsStatus() {
        server.createContext("/", script(List.of(500), List.of("<html>oops</html>")));

        ProblemException refused = assertThrows(ProblemException.class, () -> http.get(base.resolve("/x")));

        assertEquals("the server answered with status 500", refused.getMessage());
    }

    @Test
    void whereNothingAnswersTheAddressAndTheWayOutAreTold() throws IOException {
        int unused;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = socket.getLocalPort();
        }

        CommandException refused =
                assertThrows(CommandException.class, () -> http.get(URI.create("http://127.0.0.1:" + unused + "/api")));

        assertTrue(refused.getMessage().startsWith("http://127.0.0.1:" + unused + ": "), refused.getMessage());
        assertTrue(refused.getMessage().contains("./loupe up"), refused.getMessage());
    }

    @Test
    void pagesAreFollowedToTheEnd() {
        server.createContext("/list", exchange -> {
            String query = exchange.getRequestURI().getQuery();
            boolean second = query.contains("cursor=a b+c");
            answer(
                    exchange,
                    200,
                    second ? "{\"items\":[3],\"nextCursor\":null}" : "{\"items\":[1,2],\"nextCursor\":\"a b+c\"}");
        });

        List<JsonNode> items = http.items(base.resolve("/list"), 100);

        assertEquals(List.of(1, 2, 3), items.stream().map(JsonNode::asInt).toList());
    }

    @Test
    void aRunIsFollowedOverALostConnection() {
        ConcurrentLinkedQueue<Integer> calls = new ConcurrentLinkedQueue<>();
        server.createContext("/api/v1/runs/r/events", exchange -> {
            calls.add(1);
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream output = exchange.getResponseBody()) {
                String state = calls.size() == 1 ? "RUNNING" : "SUCCEEDED";
                output.write(("event: run\ndata: {\"state\":\"" + state + "\"}\n\n").getBytes(StandardCharsets.UTF_8));
            }
        });
        server.createContext("/api/v1/runs/r", exchange -> answer(exchange, 200, "{\"state\":\"RUNNING\"}"));
        List<String> states = new ArrayList<>();

        JsonNode over = new Training(http, base)
                .follow("r", run -> states.add(run.path("state").asText()));

        assertEquals("SUCCEEDED", over.path("state").asText());
        assertEquals(List.of("RUNNING", "RUNNING", "SUCCEEDED"), states);
    }

    @Test
    void aFolderArrivesAsAZipFile(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("train/good"));
        Files.write(folder.resolve("train/good/a.png"), new byte[] {1, 2, 3});
        Files.write(folder.resolve("b.png"), new byte[200_000]);
        Files.write(folder.resolve(".hidden"), new byte[] {9});
        List<String> entries = new ArrayList<>();
        server.createContext("/api/v1/projects/p/imports", exchange -> {
            ZipInputStream zip = new ZipInputStream(exchange.getRequestBody());
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.add(entry.getName() + " " + zip.readAllBytes().length);
            }
            answer(exchange, 202, "{\"id\":\"1\",\"state\":\"QUEUED\"}");
        });
        List<String> states = new ArrayList<>(List.of("RUNNING", "SUCCEEDED"));
        server.createContext(
                "/api/v1/projects/p/imports/1",
                exchange ->
                        answer(exchange, 200, "{\"state\":\"" + states.removeFirst() + "\",\"report\":{\"added\":2}}"));

        List<String> seen = new ArrayList<>();
        JsonNode report = new Datasets(http, base)
                .importImages(
                        "p", folder, status -> seen.add(status.path("state").asText()));

        assertEquals(2, report.path("added").asInt());
        assertEquals(List.of("RUNNING", "SUCCEEDED"), seen);
        assertEquals(List.of("b.png 200000", "train/good/a.png 3"), entries);
    }

    @Test
    void anAbsentZipFileIsNamed() {
        CommandException refused = assertThrows(
                CommandException.class, () -> new Datasets(http, base).importImages("p", Path.of("nowhere.zip")));

        assertTrue(refused.getMessage().startsWith("nowhere.zip: "), refused.getMessage());
        assertInstanceOf(IOException.class, assertNotNullCause(refused));
    }

    private static Throwable assertNotNullCause(Throwable failure) {
        assertNotNull(failure.getCause());
        return failure.getCause();
    }
}
