package dev.loupe.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.client.dataset.ImportsApi;
import dev.loupe.client.dataset.ProjectsApi;
import dev.loupe.client.dataset.model.NewProject;
import dev.loupe.client.dataset.model.ProjectDetails;
import dev.loupe.client.dataset.model.Task;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real server on a real socket, whose answers the tests write. */
class ServiceClientTest {
    private static final NewProject PARTS = new NewProject().name("parts").task(Task.CLASSIFICATION);

    private final Queue<String> keys = new ConcurrentLinkedQueue<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private HttpServer server;
    private LoupeClient loupe;
    private ProjectsApi projects;

    private record Answer(int status, String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        loupe = client(server.getAddress().getPort());
        projects = new ProjectsApi(loupe.dataset());
    }

    private static LoupeClient client(int port) {
        URI base = URI.create("http://127.0.0.1:" + port);
        return new LoupeClient(base, base, base, "127.0.0.1:1");
    }

    @AfterEach
    void stop() {
        loupe.close();
        server.stop(0);
    }

    private static Answer problem(int status, String code, boolean retryable) {
        return new Answer(
                status,
                "{\"status\":%d,\"code\":\"%s\",\"detail\":\"a detail\",\"retryable\":%b}"
                        .formatted(status, code, retryable));
    }

    /** Gives one answer after the other, then the last one again. */
    private void answer(Answer... answers) {
        Queue<Answer> left = new ConcurrentLinkedQueue<>(List.of(answers));
        server.createContext("/", exchange -> {
            Answer answer = left.size() > 1 ? left.poll() : left.peek();
            String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
            if (key != null) {
                keys.add(key);
            }
            String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + sent);
            send(exchange, answer);
        });
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), bytes.length);
        try (OutputStream output = exchange.getResponseBody()) {
            output.write(bytes);
        }
    }

    @Test
    void refusalBecomesProblemAndIsNotRetried() {
        answer(problem(409, "PROJECT_EXISTS", false));

        ProblemException refused = assertThrows(
                ProblemException.class, () -> loupe.dataset().call(() -> projects.createProject(PARTS, "key", null)));

        assertEquals("PROJECT_EXISTS", refused.code());
        assertEquals(409, refused.status());
        assertEquals("a detail (PROJECT_EXISTS)", refused.getMessage());
        assertEquals(1, keys.size());
    }

    @Test
    void retriesTransientProblemsWithTheSameIdempotencyKey() {
        answer(
                problem(404, "DATASET_VERSION_NOT_FOUND", true),
                problem(503, "DATABASE_UNAVAILABLE", true),
                new Answer(201, "{\"name\":\"parts\"}"));

        JsonNode made = loupe.dataset().tree(() -> projects.createProject(PARTS, "key", null));

        assertEquals("parts", made.path("name").asText());
        assertEquals(List.of("key", "key", "key"), List.copyOf(keys));
        assertEquals("POST /api/v1/projects {\"name\":\"parts\",\"task\":\"CLASSIFICATION\"}", requests.peek());
    }

    @Test
    void answersAreTyped() {
        answer(
                new Answer(
                        200,
                        "{\"id\":\"01994c1e-7a40-7000-8000-000000000001\",\"name\":\"parts\",\"task\":\"CLASSIFICATION\",\"later\":1}"));

        ProjectDetails project = loupe.dataset().call(() -> projects.getProject("a b"));

        assertEquals("parts", project.getName());
        assertEquals("GET /api/v1/projects/a%20b ", requests.peek());
    }

    @Test
    void answerThatIsNoProblemDocumentIsReportedByItsStatus() {
        answer(new Answer(500, "<html>oops</html>"));

        ProblemException refused =
                assertThrows(ProblemException.class, () -> loupe.dataset().call(() -> projects.getProject("a")));

        assertEquals(500, refused.status());
        assertEquals("", refused.code());
    }

    @Test
    void answerOfAnotherFormIsNotRetried() {
        answer(new Answer(200, "[]"));

        assertThrows(IllegalStateException.class, () -> loupe.dataset().call(() -> projects.getProject("a")));

        assertEquals(1, requests.size());
    }

    @Test
    void unreachableServerIsNamed() throws IOException {
        int unused;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = socket.getLocalPort();
        }
        try (LoupeClient nowhere = client(unused)) {
            ProjectsApi api = new ProjectsApi(nowhere.dataset());

            ClientException refused =
                    assertThrows(ClientException.class, () -> nowhere.dataset().call(() -> api.getProject("a")));

            assertTrue(refused.getMessage().startsWith("http://127.0.0.1:" + unused + ": "), refused.getMessage());
        }
    }

    @Test
    void sendsABodyWhileItIsRead() {
        answer(new Answer(200, "{\"id\":\"01994c1e-7a40-7000-8000-000000000001\"}"));
        ServiceClient sending = loupe.dataset()
                .sending(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[] {'z', 'i', 'p'})));

        loupe.dataset()
                .call(() -> new ImportsApi(sending).startImport("p", new File("x"), null, null, true, "key", null));

        assertEquals(List.of("POST /api/v1/projects/p/imports?relabel=true zip"), List.copyOf(requests));
    }

    @Test
    void failureWhileAnAnswerIsReadIsNotRetried() {
        answer(new Answer(200, "{}"));
        ServiceClient receiving = loupe.dataset().receiving(body -> {
            throw new IOException("lost");
        });

        assertThrows(UncheckedIOException.class, () -> loupe.dataset()
                .call(() -> new ProjectsApi(receiving).getProject("a")));

        assertEquals(1, requests.size());
    }
}
