package dev.loupe.cli.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.client.ClientException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
class ConnectionTest {
    private HttpServer server;
    private URI base;
    private Connection connection;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        connection = new Connection(new Endpoints(base, base, base, "127.0.0.1:1"));
    }

    @AfterEach
    void stop() {
        connection.close();
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream output = exchange.getResponseBody()) {
            output.write(bytes);
        }
    }

    @Test
    void pagesAreFollowedToTheEnd() {
        server.createContext("/api/v1/projects", exchange -> {
            String query = exchange.getRequestURI().getQuery();
            boolean second = query.contains("cursor=a b+c");
            answer(
                    exchange,
                    200,
                    second
                            ? "{\"items\":[{\"name\":\"c\"}],\"nextCursor\":null}"
                            : "{\"items\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"nextCursor\":\"a b+c\"}");
        });

        List<JsonNode> items = connection.datasets().projects();

        assertEquals(
                List.of("a", "b", "c"),
                items.stream().map(item -> item.path("name").asText()).toList());
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

        JsonNode over = connection
                .training()
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
            answer(exchange, 202, "{\"id\":\"01994c1e-7a40-7000-8000-000000000001\",\"state\":\"QUEUED\"}");
        });
        List<String> states = new ArrayList<>(List.of("RUNNING", "SUCCEEDED"));
        server.createContext(
                "/api/v1/projects/p/imports/01994c1e-7a40-7000-8000-000000000001",
                exchange ->
                        answer(exchange, 200, "{\"state\":\"" + states.removeFirst() + "\",\"report\":{\"added\":2}}"));

        List<String> seen = new ArrayList<>();
        JsonNode report = connection
                .datasets()
                .importImages(
                        "p", folder, status -> seen.add(status.path("state").asText()));

        assertEquals(2, report.path("added").asInt());
        assertEquals(List.of("RUNNING", "SUCCEEDED"), seen);
        assertEquals(List.of("b.png 200000", "train/good/a.png 3"), entries);
    }

    @Test
    void anAbsentZipFileIsNamed() {
        ClientException refused = assertThrows(
                ClientException.class, () -> connection.datasets().importImages("p", Path.of("nowhere.zip")));

        assertTrue(refused.getMessage().startsWith("nowhere.zip: "), refused.getMessage());
        assertInstanceOf(IOException.class, assertNotNullCause(refused));
    }

    private static Throwable assertNotNullCause(Throwable failure) {
        assertNotNull(failure.getCause());
        return failure.getCause();
    }
}
