package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Datasets.ImageFilter;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.client.ClientException;
import dev.loupe.contracts.Task;
import dev.loupe.local.Server;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Injects many faults into one Loupe of {@code ./loupe up}: malicious images and archives, overload, the loss of each
 * process, a full disk. After each, all services answer and no acknowledged data is lost, without intervention.
 */
@Tag("long")
class FaultsInARowIT {
    private static final String PROJECT = "faults";
    /** Expected 5xx codes: unavailable, and no storage left. Any other status above 499 is a bug. */
    private static final Set<Integer> BUSY = Set.of(503, 507);

    private static RecoveringStack stack;
    private static JsonNode frozen;
    private static List<JsonNode> images;
    private static byte[] good;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> wrong = new ArrayList<>();

    @BeforeAll
    static void teach() throws Exception {
        stack = RecoveringStack.start();
        Connection loupe = stack.loupe();
        good = DrawnSurface.png(1, DrawnSurface.Kind.SOUND);
        Path hazelnuts = Path.of(
                Objects.requireNonNullElse(System.getenv("LOUPE_SHARED"), "../../shared"), "data/hazelnut-toy.zip");
        loupe.datasets().createProject(PROJECT, Task.ANOMALY_DETECTION, "part");
        loupe.datasets()
                .importImages(PROJECT, Files.exists(hazelnuts) ? hazelnuts : DrawnSurface.anomalyZip(stack.data()));
        frozen = loupe.datasets().freeze(PROJECT, 1L, null);
        images = allImages();
        JsonNode run = loupe.training().start(RunRequest.of(PROJECT, TrainedProject.anomaly(), 1, true));
        String id = run.path("id").asText();
        assertEquals(
                "SUCCEEDED", loupe.training().follow(id, _ -> {}).path("state").asText());
        loupe.models().awaitReady(PROJECT, id);
        loupe.models().promote(PROJECT, "production", 1, true, "first");
    }

    @AfterAll
    static void stop() throws Exception {
        if (stack != null) {
            stack.close();
        }
    }

    private static List<JsonNode> allImages() {
        return stack.loupe().datasets().images(PROJECT, ImageFilter.ofText(null), 10_000);
    }

    @Test
    void everythingAcknowledgedIsThereAfterEachFault() throws Exception {
        hostileImages();
        hostileArchives();
        hostileNetworks();
        overload();
        keyedUploads();
        slowUploads();
        eventOfManyNames();
        rottenObject();
        for (Server server : List.of(Server.DATASET, Server.TRAINING, Server.INFERENCE, Server.DEVSTACK)) {
            kill(server);
        }
        killPostgres();
        if (stack.hasOwnDisk()) {
            fullDisk();
        } else {
            System.out.println("skipped: the full disk needs the right to mount a tmpfs");
        }
        assertEquals(List.of(), wrong);
    }

    private void hostileImages() throws Exception {
        for (Map.Entry<String, byte[]> image : HostileInput.images().entrySet()) {
            told(image.getKey(), post("/images?label=normal", "application/octet-stream", image.getValue()));
            try {
                stack.loupe().predictions().detectAnomaly(PROJECT, "", image.getValue(), true);
            } catch (ClientException refused) {
                // afterFault checks that the model still answers.
                System.out.println(image.getKey() + ": " + refused.getMessage());
            }
        }
        afterFault("hostile images", true);
    }

    private void hostileArchives() throws Exception {
        for (Map.Entry<String, byte[]> archive : HostileInput.archives().entrySet()) {
            told(archive.getKey(), post("/imports", "application/zip", archive.getValue()));
        }
        afterFault("hostile archives", true);
    }

    private void hostileNetworks() throws Exception {
        URI address = stack.stack().endpoints().training().resolve("/api/v1/backbones?name=hostile");
        for (Map.Entry<String, byte[]> network : HostileInput.networks().entrySet()) {
            int status = post(address, "application/octet-stream", network.getValue());
            told(network.getKey(), status);
            if (status != 422) {
                wrong.add(network.getKey() + ": expected status 422, got " + status);
            }
        }
        afterFault("hostile networks", true);
    }

    /** Concurrent uploads are all stored, although there are fewer database connections. */
    private void keyedUploads() throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                byte[] image = DrawnSurface.png(10_000 + i, DrawnSurface.Kind.SOUND);
                String key = "keyed-" + i;
                calls.add(callers.submit(
                        () -> post(dataset("/images?label=normal"), "image/png", image, "Idempotency-Key", key)));
            }
            for (Future<Integer> call : calls) {
                if (call.get() != 201) {
                    wrong.add("keyed upload: expected status 201, got " + call.get());
                }
            }
        }
        afterFault("200 uploads with keys", true);
    }

    /** Unfinished headers and bodies do not block other requests. */
    private void slowUploads() throws Exception {
        URI dataset = stack.stack().endpoints().dataset();
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 400; i++) {
                Socket socket = new Socket(dataset.getHost(), dataset.getPort());
                sockets.add(socket);
                String header =
                        "POST " + dataset("/imports").getPath() + " HTTP/1.1\r\nHost: " + dataset.getAuthority();
                String rest = "\r\nContent-Type: application/zip\r\nContent-Length: 4000000000\r\n\r\nPK";
                socket.getOutputStream().write((header + (i % 4 == 0 ? "" : rest)).getBytes(StandardCharsets.US_ASCII));
            }
            afterFault("400 uploads that do not go on", true);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** The event of a version with many long names fits the broker's size limit: later events arrive. */
    private void eventOfManyNames() throws Exception {
        Connection loupe = stack.loupe();
        loupe.datasets().createProject("names", Task.CLASSIFICATION, null);
        loupe.datasets()
                .importImages("names", Files.write(stack.data().resolve("names.zip"), HostileInput.longNames(1_000)));
        loupe.datasets().freeze("names", 1L, null);
        loupe.datasets().createProject("later", Task.CLASSIFICATION, null);
        // training-service accepts a run once it has received the event of the version.
        loupe.datasets().importImages("later", DrawnSurface.classesZip(stack.data(), 4));
        loupe.datasets().freeze("later", 1L, null);
        await().atMost(RecoveringStack.PATIENCE).ignoreExceptions().until(() -> loupe.training()
                .start(RunRequest.of("later", TrainedProject.scratch(1), 1, true))
                .has("id"));
        afterFault("an event of 1000 long names", true);
    }

    /** A repeated upload of the same bytes repairs an object that was damaged on disk. */
    private void rottenObject() throws Exception {
        String sha256 = images.getFirst().path("sha256").asText();
        byte[] content = stack.loupe().datasets().content(PROJECT, sha256);
        Path object;
        try (Stream<Path> files = Files.walk(stack.data().resolve("devstack"))) {
            object = files.filter(file -> file.endsWith(sha256)).findFirst().orElseThrow();
        }
        Files.write(object, new byte[content.length]);
        assertThrows(ClientException.class, () -> stack.loupe().datasets().content(PROJECT, sha256));
        assertEquals(200, post(dataset("/images"), "application/octet-stream", content));
        assertArrayEquals(content, stack.loupe().datasets().content(PROJECT, sha256));
        afterFault("an object that went bad", true);
    }

    private void overload() throws Exception {
        byte[] large = java.util.Arrays.copyOf(good, 15_000_000);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int caller = 0; caller < 120; caller++) {
                calls.add(callers.submit(() -> stack.loupe().predictions().detectAnomaly(PROJECT, "", large, false)));
                calls.add(callers.submit(() -> told("overload", post("/images?label=normal", "image/png", large))));
            }
            for (Future<?> call : calls) {
                try {
                    call.get();
                } catch (java.util.concurrent.ExecutionException refused) {
                    if (!(refused.getCause() instanceof ClientException || refused.getCause() instanceof IOException)) {
                        throw refused;
                    }
                }
            }
        }
        afterFault("overload", true);
    }

    private void kill(Server server) throws Exception {
        Process running = stack.stack().process(server);
        running.destroyForcibly();
        await().atMost(RecoveringStack.PATIENCE).until(() -> stack.stack().process(server) != running);
        afterFault("kill -9 of " + server.label(), false);
    }

    private void killPostgres() throws Exception {
        Process devstack = stack.stack().process(Server.DEVSTACK);
        stack.postgres().destroyForcibly();
        await().atMost(RecoveringStack.PATIENCE).until(() -> stack.stack().process(Server.DEVSTACK) != devstack);
        afterFault("kill -9 of PostgreSQL", false);
    }

    private void fullDisk() throws Exception {
        Path filler = stack.data().resolve("devstack/filler");
        RecoveryIT.fill(filler);
        for (int i = 0; i < 20; i++) {
            told(
                    "full disk",
                    post("/images?label=normal", "image/png", DrawnSurface.png(5_000 + i, DrawnSurface.Kind.SOUND)));
        }
        Files.delete(filler);
        afterFault("full disk", false);
    }

    private static URI dataset(String path) {
        return stack.stack().endpoints().dataset().resolve("/api/v1/projects/" + PROJECT + path);
    }

    private int post(String path, String type, byte[] body) throws InterruptedException {
        return post(dataset(path), type, body);
    }

    private int post(URI address, String type, byte[] body, String... headers) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("Content-Type", type)
                .timeout(Duration.ofMinutes(2))
                .POST(BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return http.send(request.build(), BodyHandlers.discarding()).statusCode();
        } catch (IOException cut) {
            return -1;
        }
    }

    private synchronized Void told(String what, int status) {
        System.out.println(what + ": " + status);
        if (status >= 500 && !BUSY.contains(status)) {
            wrong.add(what + ": status " + status);
        }
        return null;
    }

    /** @param alive whether no process may have ended */
    private void afterFault(String fault, boolean alive) {
        stack.awaitReady();
        if (alive) {
            stack.problems().stream()
                    .filter(line -> line.contains(": ended: "))
                    .forEach(line -> wrong.add(fault + ": " + line));
        }
        stack.problems().clear();
        await(fault).atMost(RecoveringStack.PATIENCE).ignoreExceptions().untilAsserted(() -> {
            Connection loupe = stack.loupe();
            Set<String> lost = new TreeSet<>();
            images.forEach(image -> lost.add(image.path("sha256").asText()));
            allImages().forEach(image -> lost.remove(image.path("sha256").asText()));
            assertEquals(Set.of(), lost, fault);
            for (JsonNode image : images) {
                assertTrue(
                        loupe.datasets().content(PROJECT, image.path("sha256").asText()).length > 0);
            }
            assertEquals(
                    1,
                    loupe.predictions()
                            .detectAnomaly(PROJECT, "", good, false)
                            .getProvenance()
                            .getVersion());
            assertEquals(
                    1,
                    loupe.models().aliases(PROJECT).getFirst().path("version").asInt());
            assertEquals(
                    1,
                    loupe.training().runs(PROJECT, "SUCCEEDED", null, true, 10).size());
        });
        assertTrue(frozen.path("number").asInt() > 0, frozen.toString());
    }
}
