package dev.loupe.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.storage.ObjectSigner.Access;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that fails on purpose: what the store makes of 503, of a body cut short, and of silence. */
class FaultyStorageTest {
    private static final ObjectLocation LOCATION = new ObjectLocation("loupe", "thing");
    private static final byte[] CONTENT = new byte[1000];

    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private ObjectStore store(int retries) {
        return new MinioObjectStore(new StorageEndpoint(
                url(), "us-east-1", "key", "secret", Duration.ofSeconds(1), Duration.ofMillis(500), retries));
    }

    private static void answerWhole(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("ETag", "\"1\"");
        exchange.getResponseHeaders().add("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
        exchange.sendResponseHeaders(200, CONTENT.length);
        exchange.getResponseBody().write(CONTENT);
        exchange.close();
    }

    @Test
    void retriesAfterATransientServerError() {
        server.createContext("/", exchange -> {
            if (requests.incrementAndGet() <= 2) {
                exchange.sendResponseHeaders(503, -1);
                exchange.close();
            } else {
                answerWhole(exchange);
            }
        });
        try (ObjectStore store = store(3)) {
            assertArrayEquals(CONTENT, store.read(LOCATION));
        }
        assertEquals(3, requests.get());
    }

    @Test
    void reportsFullStorageWithoutRetries() {
        byte[] body =
                "<Error><Code>XMinioStorageFull</Code><Message>Storage backend has reached its minimum free drive threshold.</Message></Error>"
                        .getBytes(StandardCharsets.UTF_8);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "application/xml");
            exchange.sendResponseHeaders(507, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        try (ObjectStore store = store(2)) {
            assertThrows(StorageException.Full.class, () -> store.put(LOCATION, CONTENT, "text/plain"));
        }
        assertEquals(1, requests.get());
        try (ObjectStore store = new GrantedObjectStore(new ToServer(url()), 2)) {
            assertThrows(StorageException.Full.class, () -> store.put(LOCATION, CONTENT, "text/plain"));
        }
        assertEquals(2, requests.get());
    }

    @Test
    void reportsAPermanentServerErrorAfterTheRetries() {
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        try (ObjectStore store = store(2)) {
            StorageException told = assertThrows(StorageException.class, () -> store.read(LOCATION));
            assertTrue(told.getMessage().contains("s3://loupe/thing"), told.getMessage());
        }
        assertEquals(3, requests.get());
    }

    @Test
    void retriesATruncatedBodyAndLeavesNoPartialFile() throws IOException {
        server.createContext("/", exchange -> {
            if (requests.incrementAndGet() == 1) {
                exchange.getResponseHeaders().add("ETag", "\"1\"");
                exchange.getResponseHeaders().add("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
                exchange.sendResponseHeaders(200, CONTENT.length);
                exchange.getResponseBody().write(CONTENT, 0, 300);
                exchange.getResponseBody().flush();
                exchange.close();
            } else {
                answerWhole(exchange);
            }
        });
        Path file = folder.resolve("file");
        try (ObjectStore store = store(3)) {
            store.download(LOCATION, Sha256.of(CONTENT), file);
        }
        assertArrayEquals(CONTENT, Files.readAllBytes(file));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void timesOutWhenTheServerDoesNotAnswer() {
        server.createContext("/", exchange -> requests.incrementAndGet()); // no answer, ever
        try (ObjectStore store = store(1)) {
            assertThrows(StorageException.class, () -> store.read(LOCATION));
        }
        assertTrue(requests.get() >= 1);
    }

    @Test
    void refusesAKeyWithDotSegments() {
        for (String key : List.of("", "/a", "a/", "a//b", "../a", "a/../b", "./a")) {
            assertThrows(IllegalArgumentException.class, () -> new ObjectLocation("loupe", key), key);
        }
        assertThrows(IllegalArgumentException.class, () -> new ObjectLocation("Not A Bucket", "a"));
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private record ToServer(URI url) implements ObjectGrants {
        @Override
        public URI address(Access access, ObjectLocation location) {
            return url;
        }

        @Override
        public void refused(Access access, ObjectLocation location) {}

        @Override
        public List<StoredObject> list(String bucket, String prefix) {
            return List.of();
        }

        @Override
        public void delete(ObjectLocation location) {}
    }
}
