package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.client.PredictionException;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.local.Server;
import dev.loupe.tests.path.DrawnSurface.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Eight callers promote and roll back versions of one alias at the same time, while the replica and the database are killed.
 * Each move is one step of one history, each acknowledged one is in it, and no reader sees an earlier step after a later one.
 */
@Tag("long")
class RacingMovesIT {
    private static final String PROJECT = "raced";
    private static final int VERSIONS = 3;
    private static final int MOVERS = 8;
    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("loupe.race.seconds", 60));
    private static final ObjectMapper JSON = new ObjectMapper();

    private static RecoveringStack stack;

    private final HttpClient http = HttpClient.newHttpClient();
    /**
     * A move.
     *
     * @param reason another one for each request
     */
    private record Move(int version, String reason) {
        static Move of(JsonNode move) {
            return new Move(move.path("version").asInt(), move.path("reason").asText());
        }
    }

    /** The acknowledged moves by their generations. */
    private final Map<Long, Move> acknowledged = new ConcurrentHashMap<>();
    /** Version of each step that a reader has seen, by its generation. */
    private final Map<Long, Integer> seen = new ConcurrentHashMap<>();

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger unknown = new AtomicInteger();
    private final AtomicInteger predictions = new AtomicInteger();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void teach() throws Exception {
        stack = RecoveringStack.start();
        Connection loupe = stack.loupe();
        loupe.datasets().createProject(PROJECT, Task.CLASSIFICATION, "brushed surface");
        loupe.datasets().importImages(PROJECT, DrawnSurface.classesZip(stack.data(), 12));
        loupe.datasets().freeze(PROJECT, 1L, null);
        Recipe recipe = new Recipe("transfer", Map.of("backbone", "random", "epochs", 5));
        for (int version = 1; version <= VERSIONS; version++) {
            RunRequest request = RunRequest.of(PROJECT, recipe, version, true);
            // training-service learns of the dataset version some moments later
            String run = await().ignoreExceptions()
                    .until(() -> loupe.training().start(request).path("id").asText(), id -> !id.isEmpty());
            assertEquals(
                    "SUCCEEDED",
                    loupe.training().follow(run, _ -> {}).path("state").asText());
            loupe.models().awaitReady(PROJECT, run);
        }
        loupe.models().promote(PROJECT, "production", 1, true, "first");
    }

    @AfterAll
    static void stop() throws Exception {
        if (stack != null) {
            stack.close();
        }
    }

    @Test
    void eachMoveIsOneStepOfOneHistory() throws Exception {
        long end = System.nanoTime() + LENGTH.toNanos();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int mover = 0; mover < MOVERS; mover++) {
                Random random = new Random(mover);
                callers.execute(() -> whileBefore(end, () -> move(random)));
            }
            for (int reader = 0; reader < 2; reader++) {
                long[] last = new long[1];
                callers.execute(() -> whileBefore(end, () -> read(last)));
            }
            callers.execute(() -> whileBefore(end, this::predict));
            Thread.sleep(LENGTH.dividedBy(3));
            stack.stack().process(Server.INFERENCE).destroyForcibly();
            Thread.sleep(LENGTH.dividedBy(3));
            stack.postgres().destroyForcibly();
        }
        stack.awaitReady();

        assertEquals(List.of(), List.copyOf(wrong));
        Map<Long, Move> history = new HashMap<>();
        List<Long> generations = new ArrayList<>();
        for (JsonNode step : stack.loupe().models().history(PROJECT, "production", 100_000)) {
            generations.addFirst(step.path("generation").asLong());
            history.put(step.path("generation").asLong(), Move.of(step));
        }
        for (int i = 0; i < generations.size(); i++) {
            assertEquals(i + 1L, generations.get(i), "generations of the history");
        }
        acknowledged.forEach(
                (generation, move) -> assertEquals(move, history.get(generation), "acknowledged move " + generation));
        seen.forEach((generation, version) ->
                assertEquals(version, history.get(generation).version(), "step " + generation + " as a reader saw it"));
        int more = generations.size() - 1 - acknowledged.size();
        System.out.printf(
                "%d moves, %d acknowledged; %d answers were lost; %d predictions, %d steps were seen%n",
                generations.size(), acknowledged.size(), unknown.get(), predictions.get(), seen.size());
        assertTrue(more >= 0 && more <= unknown.get(), more + " moves of " + unknown + " without an answer");
        assertTrue(acknowledged.size() >= 50 && unknown.get() > 0 && predictions.get() >= 50, "nothing was raced");
        int last = history.get((long) generations.size()).version();
        await().atMost(RecoveringStack.PATIENCE).untilAsserted(() -> assertEquals(last, predictedBy()));
    }

    private interface Step {
        void take() throws Exception;
    }

    private void whileBefore(long end, Step step) {
        while (System.nanoTime() < end) {
            try {
                step.take();
            } catch (Exception e) {
                wrong.add(e.toString());
            }
        }
    }

    private static URI alias(String path) {
        return stack.stack()
                .endpoints()
                .inference()
                .resolve("/api/v1/models/" + PROJECT + "/aliases/production" + path);
    }

    private void move(Random random) throws Exception {
        String reason = "request " + requests.incrementAndGet();
        boolean back = random.nextInt(3) == 0;
        int version = 1 + random.nextInt(VERSIONS);
        ObjectNode body = JSON.createObjectNode().put("reason", reason);
        HttpRequest.Builder request = back
                ? HttpRequest.newBuilder(alias("/rollback")).POST(BodyPublishers.ofString(body.toString()))
                : HttpRequest.newBuilder(alias(""))
                        .PUT(BodyPublishers.ofString(
                                body.put("version", version).put("force", true).toString()));
        HttpResponse<String> answer;
        try {
            answer = http.send(
                    request.header("Content-Type", "application/json")
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException cut) {
            unknown.incrementAndGet();
            Thread.sleep(100);
            return;
        }
        if (answer.statusCode() == 200) {
            JsonNode moved = JSON.readTree(answer.body());
            long generation = moved.path("generation").asLong();
            Move move = Move.of(moved);
            if (!move.reason().equals(reason)) {
                // The alias was there already: the answer is the move that had brought it there.
                if (back || move.version() != version) {
                    wrong.add(reason + " is answered by " + move);
                }
            } else if (acknowledged.put(generation, move) != null) {
                wrong.add("two moves are acknowledged as " + generation);
            }
        } else if (answer.statusCode() == 503) {
            unknown.incrementAndGet(); // the connection to the database may be lost after the commit
            Thread.sleep(100);
        } else if (answer.statusCode() != 409) { // another was faster, or there is nothing to roll back to
            wrong.add(answer.statusCode() + " " + answer.body());
        }
    }

    /** @param last generation that this reader has seen last */
    private void read(long[] last) throws Exception {
        HttpResponse<String> answer;
        try {
            answer = http.send(
                    HttpRequest.newBuilder(alias(""))
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException cut) {
            Thread.sleep(100);
            return;
        }
        if (answer.statusCode() == 200) {
            JsonNode alias = JSON.readTree(answer.body());
            long generation = alias.path("generation").asLong();
            if (generation < last[0]) {
                wrong.add("a reader saw " + generation + " after " + last[0]);
            }
            last[0] = generation;
            seen.put(generation, alias.path("version").asInt());
        } else if (answer.statusCode() != 503) {
            wrong.add("reader: " + answer.statusCode() + " " + answer.body());
        }
    }

    /** Predictions need no database, but a replica. */
    private void predict() throws InterruptedException {
        try {
            int version = predictedBy();
            predictions.incrementAndGet();
            if (version < 1 || version > VERSIONS) {
                wrong.add("version " + version + " answered");
            }
        } catch (PredictionException e) {
            if (!e.reason().contains("UNAVAILABLE")) {
                wrong.add("prediction: " + e.reason());
            }
            Thread.sleep(200);
        }
    }

    private static int predictedBy() {
        return stack.loupe()
                .predictions()
                .classify(PROJECT, "", DrawnSurface.png(1, Kind.DOTTED))
                .getProvenance()
                .getVersion();
    }
}
