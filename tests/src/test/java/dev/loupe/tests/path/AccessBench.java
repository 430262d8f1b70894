package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.client.ClientTls;
import dev.loupe.client.dataset.model.NewProjectLimits;
import dev.loupe.client.dataset.model.NewToken;
import dev.loupe.client.dataset.model.Role;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.Ports;
import dev.loupe.local.Server;
import dev.loupe.local.StackListener;
import dev.loupe.testing.OidcProvider;
import dev.loupe.tests.path.DrawnSurface.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What it costs to know the callers: a benchmark, run by {@code ./loupe bench access} and by no test. Three
 * inference-services with the same small model predict in turns, request by request, so that each has the same share of what
 * else the machine does: two without authentication, one with. Prints how many times as much processor time a prediction takes
 * and how many times as long the slowest percent, compared with the first service: medians of rounds, with the least and the
 * greatest. What a service takes without requests is measured by itself. The ratios of the second service are what the method itself makes out.
 */
class AccessBench {
    private static final String MODEL = "access";
    private static final String PERSON = "ann";
    private static final String CAMERA = "camera";
    /** Requests in a second: a limit that refuses none. */
    private static final double MANY = 1e6;

    private static final String ADMINISTRATOR = "loupe_" + "a".repeat(43);
    private static final String ADMINISTRATOR_SHA256 =
            "8110e0a5f26eb9b2ae541ea1200e89e287d758a65ecb2ba9dedb0010d2467889";

    private static final int STARTS = Integer.getInteger("loupe.bench.starts", 3);
    private static final int ROUNDS = Integer.getInteger("loupe.bench.rounds", 5);
    private static final int REQUESTS = 200;
    private static final int WARM_UP = 400;
    private static final Duration IDLE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final byte[] image = DrawnSurface.png(1, Kind.DOTTED);

    /** A way of asking a service. */
    private record Way(LocalStack stack, Connection connection) {
        static Way of(LocalStack stack, String token) {
            return new Way(stack, new Connection(stack.endpoints(), null, () -> token, ClientTls.DEFAULT));
        }
    }

    /** Of one round: microseconds of the service's processor time for a prediction, and wall time of the slowest percent. */
    private record Round(double processor, double slowest) {}

    @Test
    void costOfKnowingTheCallers() throws Exception {
        try (OidcProvider provider = new OidcProvider();
                LocalStack open = start("open", Map.of());
                LocalStack other = start("other", Map.of());
                LocalStack known = start("known", oidc(provider))) {
            provider.setLifetime(7_200);
            provider.setRoles(PERSON, "loupe-viewer");
            List<Way> unknown = List.of(Way.of(open, null), Way.of(other, null));
            Way administrator = Way.of(known, ADMINISTRATOR);
            for (Way way : List.of(unknown.getFirst(), unknown.getLast(), administrator)) {
                teach(way);
            }
            NewToken viewer = new NewToken().name(CAMERA).role(Role.VIEWER).project(MODEL);
            Way camera = Way.of(
                    known,
                    administrator
                            .connection
                            .tokens()
                            .create(viewer)
                            .path("token")
                            .asText());
            Map<String, Way> ways = new LinkedHashMap<>();
            ways.put("API token", camera);
            ways.put("access token", Way.of(known, provider.accessToken(PERSON)));
            measure(unknown, ways);
            administrator.connection.limits().setOfProject(MODEL, new NewProjectLimits().requestsPerSecond(MANY));
            administrator.connection.limits().setOfToken(CAMERA, MANY);
            measure(unknown, Map.of("API token, limits", camera));
        }
    }

    private LocalStack start(String name, Map<String, String> environment) {
        return LocalStack.start(
                new LocalStackOptions(LoupeProgram.HOME, folder.resolve(name), Ports.FREE, false, true)
                        .withEnvironment(environment),
                StackListener.SILENT);
    }

    private static Map<String, String> oidc(OidcProvider provider) {
        return Map.of(
                "LOUPE_AUTH_MODE",
                "oidc",
                "LOUPE_AUTH_OIDC_ISSUER",
                provider.issuer(),
                "LOUPE_AUTH_OIDC_AUDIENCE",
                OidcProvider.AUDIENCE,
                "LOUPE_AUTH_ADMIN_TOKEN_SHA256",
                ADMINISTRATOR_SHA256);
    }

    /** The same model everywhere: equal images, recipe and seed. */
    private void teach(Way way) throws IOException {
        Connection loupe = way.connection;
        loupe.datasets().createProject(MODEL, Task.CLASSIFICATION, "brushed surface");
        loupe.datasets().importImages(MODEL, DrawnSurface.classesZip(Files.createTempDirectory(folder, "images"), 12));
        loupe.datasets().freeze(MODEL, 1L, null);
        RunRequest request =
                RunRequest.of(MODEL, new Recipe("transfer", Map.of("backbone", "random", "epochs", 5)), 1, true);
        // training-service learns of the version some moments later
        String run = await().ignoreExceptions()
                .until(() -> loupe.training().start(request).path("id").asText(), id -> !id.isEmpty());
        assertEquals(
                "SUCCEEDED", loupe.training().follow(run, _ -> {}).path("state").asText());
        loupe.models().awaitReady(MODEL, run);
        loupe.models().promote(MODEL, "production", 1, false, "benchmark");
        way.stack.process(Server.TRAINING).destroy();
    }

    /** Each start compiles its code by itself: several even out what that makes out. */
    private void measure(List<Way> unknown, Map<String, Way> known) throws Exception {
        Map<String, List<List<Round>>> rounds = new LinkedHashMap<>();
        for (int start = 0; start < STARTS; start++) {
            Stream.concat(unknown.stream(), known.values().stream())
                    .map(Way::stack)
                    .distinct()
                    .forEach(stack -> stack.restart(Server.INFERENCE));
            for (Map.Entry<String, Way> way : known.entrySet()) {
                List<Way> compared = List.of(unknown.getFirst(), unknown.getLast(), way.getValue());
                double[] none = new double[compared.size()];
                round(compared, WARM_UP, none);
                double[] idle = idle(compared);
                System.out.printf(
                        Locale.ROOT,
                        "BENCH %-18s without requests: %.1f, %.1f and %.1f ms of processor time in a second%n",
                        way.getKey(),
                        1e3 * idle[0],
                        1e3 * idle[1],
                        1e3 * idle[2]);
                for (int round = 0; round < ROUNDS; round++) {
                    rounds.computeIfAbsent(way.getKey(), _ -> new ArrayList<>()).add(round(compared, REQUESTS, idle));
                }
            }
        }
        rounds.forEach((name, all) -> {
            print("none, once more", all, 1);
            print(name, all, 2);
        });
    }

    /** Seconds of processor time that each service takes in a second without requests. */
    private static double[] idle(List<Way> ways) throws IOException, InterruptedException {
        double[] seconds = processorSeconds(ways);
        Thread.sleep(IDLE);
        double[] after = processorSeconds(ways);
        for (int i = 0; i < after.length; i++) {
            after[i] = (after[i] - seconds[i]) / IDLE.toSeconds();
        }
        return after;
    }

    /**
     * Asks all ways in turns.
     *
     * @param idle what {@link #idle} has measured: it is no part of a prediction
     */
    private List<Round> round(List<Way> ways, int requests, double[] idle) throws IOException {
        double[][] times = new double[ways.size()][requests];
        double[] before = processorSeconds(ways);
        long start = System.nanoTime();
        for (int request = 0; request < requests; request++) {
            for (int turn = 0; turn < ways.size(); turn++) {
                int i = (request + turn) % ways.size();
                long begin = System.nanoTime();
                ways.get(i).connection.predictions().classify(MODEL, "", image);
                times[i][request] = (System.nanoTime() - begin) / 1e3;
            }
        }
        double length = (System.nanoTime() - start) / 1e9;
        double[] after = processorSeconds(ways);
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < ways.size(); i++) {
            Arrays.sort(times[i]);
            rounds.add(new Round(
                    (after[i] - before[i] - idle[i] * length) * 1e6 / requests, times[i][requests * 99 / 100]));
        }
        return rounds;
    }

    private static double[] processorSeconds(List<Way> ways) throws IOException {
        double[] seconds = new double[ways.size()];
        for (int i = 0; i < seconds.length; i++) {
            seconds[i] = processorSeconds(ways.get(i));
        }
        return seconds;
    }

    private static double processorSeconds(Way way) throws IOException {
        return ProcessorTime.seconds(way.stack.process(Server.INFERENCE).pid());
    }

    private static void print(String name, List<List<Round>> rounds, int way) {
        System.out.printf(
                Locale.ROOT,
                "BENCH %-18s processor time %s, p99 %s of those without authentication (%.0f and %.0f us)%n",
                name,
                ratio(rounds, way, Round::processor),
                ratio(rounds, way, Round::slowest),
                median(rounds.stream().mapToDouble(round -> round.getFirst().processor)),
                median(rounds.stream().mapToDouble(round -> round.getFirst().slowest)));
    }

    private static String ratio(List<List<Round>> rounds, int way, ToDoubleFunction<Round> figure) {
        double[] ratios = rounds.stream()
                .mapToDouble(round -> figure.applyAsDouble(round.get(way)) / figure.applyAsDouble(round.getFirst()))
                .sorted()
                .toArray();
        return "%.3f (%.3f to %.3f)".formatted(median(Arrays.stream(ratios)), ratios[0], ratios[ratios.length - 1]);
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
