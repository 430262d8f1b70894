package dev.loupe.cli.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.local.Server;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Datasets.ImageFilter;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.contracts.Task;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One Loupe as {@code ./loupe up} runs it, and fault after fault: hostile images and archives, overload, the loss of each
 * process, a full disk. After each, all services answer and everything that was acknowledged is there, without a hand.
 */
@Tag("long")
class FaultsInARowIT {
    private static final String PROJECT = "faults";
    /** Of a request that can't be answered now or never; anything else above 499 is a bug. */
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
        JsonNode run = loupe.training().start(RunRequest.of(PROJECT, TaughtProject.anomaly(), 1, true));
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
        overload();
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
            } catch (CommandException refused) {
                // The model goes on answering: afterFault looks.
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
                    if (!(refused.getCause() instanceof CommandException
                            || refused.getCause() instanceof IOException)) {
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

    private int post(String path, String type, byte[] body) throws InterruptedException {
        URI address = stack.stack().endpoints().dataset().resolve("/api/v1/projects/" + PROJECT + path);
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Content-Type", type)
                .timeout(Duration.ofMinutes(2))
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode();
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
            assertEquals(1, loupe.training().runs(PROJECT, "SUCCEEDED", 10).size());
        });
        assertTrue(frozen.path("number").asInt() > 0, frozen.toString());
    }
}
