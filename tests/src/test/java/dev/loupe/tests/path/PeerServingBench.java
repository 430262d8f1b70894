package dev.loupe.tests.path;

import static dev.loupe.tests.path.LoadRounds.print;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.model.Predictor;
import dev.loupe.model.bench.PublishedNetworks;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelStatisticsRequest;
import dev.loupe.tests.path.LoadRounds.Aim;
import dev.loupe.tests.path.LoadRounds.Figure;
import dev.loupe.tests.path.LoadRounds.Side;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loupe's inference-service beside KServe's Python server, Triton's Python backend, and the libraries without a server: a
 * benchmark, run by {@code ./loupe bench serving} and by no test. {@code tests/bench/README.md} describes what is compared.
 *
 * <p>System properties: {@code loupe.bench.rounds}, {@code loupe.bench.seconds} of a side in a round,
 * {@code loupe.bench.warmup} seconds of each side before, {@code loupe.bench.callers}.
 */
class PeerServingBench {
    private static final int ROUNDS = Integer.getInteger("loupe.bench.rounds", 7);
    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("loupe.bench.seconds", 5));
    /** A JVM compiles the code of a server that long: before, Loupe takes half as much again for a prediction. */
    private static final Duration WARM_UP = Duration.ofSeconds(Integer.getInteger("loupe.bench.warmup", 30));

    private static final int CALLERS = Integer.getInteger("loupe.bench.callers", 16);
    /** Predictions that each server computes at the same time: one for each processor, as Loupe does by default. */
    private static final int THREADS = Runtime.getRuntime().availableProcessors();

    private static final double LOAD = 0.8;
    private static final double HALF = 0.5;
    private static final float TOLERANCE = 1e-4f;
    private static final List<PeerServer.Kind> PEERS = List.of(
            new PeerServer.Kind("KServe", "kserve", "kserve_server.py"),
            new PeerServer.Kind("Triton", "triton", "triton_server.py"));

    private static final String LOUPE = "Loupe";
    private static final String LOUPE_JPEG = "Loupe with JPEG";
    private static final String BARE = "bare ONNX Runtime";
    private static final String BARE_JPEG = "bare OpenCV and ONNX Runtime";
    private static final String BATCHED = "with batches";
    private static final String ALONE = "without";
    private static final String SHADOWED = "with a shadow";
    /** What the method itself makes out. */
    private static final String ONCE_MORE = "without, once more";

    private static final Figure PER_PROCESSOR_SECOND =
            new Figure("predictions per CPU-second of the server", LoadResult::perProcessorSecond);
    private static final Figure PER_SECOND = new Figure("predictions per second", LoadResult::perSecond);
    private static final Figure PROCESSOR =
            new Figure("CPU milliseconds of a prediction", LoadResult::processorMilliseconds);
    private static final Figure P50 = new Figure("p50 in ms", LoadResult::median);
    private static final Figure P99 = new Figure("p99 in ms", LoadResult::p99);

    @TempDir
    private Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Map<String, InferenceLoad> tensors = new LinkedHashMap<>();

    private <T extends AutoCloseable> T opened(T resource) {
        open.addFirst(resource);
        return resource;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : open) {
            resource.close();
        }
    }

    @Test
    void servingBesidePeers() throws Exception {
        ServedNetwork loupe = started();
        byte[] jpeg = InferRequests.jpeg();
        Path image = Files.write(folder.resolve("image.jpg"), jpeg);
        InferenceLoad images =
                load(loupe.alone(), InferRequests.image(loupe.alone().model(), jpeg));
        tensors.put(LOUPE, tensor(loupe.alone()));
        for (PeerServer.Kind kind : PEERS) {
            Optional<PeerServer> peer = PeerServer.start(
                    kind, loupe.model(), Predictor.PROBABILITIES, THREADS, folder.resolve(kind.environment()));
            if (peer.isPresent()) {
                tensors.put(kind.name(), tensor(opened(peer.get()).server()));
            }
        }
        Optional<BareLoop> bare = BareLoop.start(loupe.model(), Predictor.PROBABILITIES, image);
        bare.ifPresent(this::opened);
        verifyEqualAnswers();
        print(
                "MobileNetV2 of 224 pixels, %d callers, %d threads that compute; medians of %d rounds of %d s in turns",
                CALLERS, THREADS, ROUNDS, LENGTH.toSeconds());
        LoadRounds maxima = throughput(images, bare);
        latency(maxima);
        batching(loupe);
    }

    /** Whether callers wait longer because a second version sees the same images. */
    @Test
    void servingWithAShadow() throws Exception {
        ServedNetwork loupe = started();
        InferenceLoad alone = tensor(loupe.alone());
        InferenceLoad shadowed = tensor(loupe.shadowed());
        LoadRounds busy =
                withAShadow(CALLERS + " callers", alone, shadowed, (load, _, length) -> load.callers(CALLERS, length));
        double rate = HALF * busy.median(ALONE, LoadResult::perSecond);
        withAShadow("half of the maximum", alone, shadowed, (load, round, length) -> load.rate(rate, length, round));
    }

    /** How requests come. */
    private interface Traffic {
        LoadResult send(InferenceLoad load, int round, Duration length)
                throws IOException, InterruptedException, ExecutionException;
    }

    private static LoadRounds withAShadow(String what, InferenceLoad alone, InferenceLoad shadowed, Traffic traffic)
            throws Exception {
        LoadRounds rounds = new LoadRounds();
        rounds.add(SHADOWED, (round, length) -> traffic.send(shadowed, round, length));
        rounds.add(ALONE, (round, length) -> traffic.send(alone, round, length));
        rounds.add(ONCE_MORE, (round, length) -> traffic.send(alone, round, length));
        rounds.measure(ROUNDS, WARM_UP, LENGTH.multipliedBy(2));
        for (Figure figure : List.of(P50, P99)) {
            rounds.compare(what, figure, SHADOWED, ALONE, figure == P99 ? Aim.atMost(1.05) : null);
            rounds.compare(what, figure, ONCE_MORE, ALONE, null);
        }
        return rounds;
    }

    private ServedNetwork started() throws IOException {
        return opened(ServedNetwork.start(
                PublishedNetworks.named("mobilenet_v2"), PublishedNetworks.CLASSES, folder.resolve("loupe")));
    }

    private InferenceLoad tensor(NetworkServer server) {
        return load(server, InferRequests.tensor(server.model(), PublishedNetworks.SIDE));
    }

    private InferenceLoad load(NetworkServer server, ModelInferRequest request) {
        return opened(new InferenceLoad(server, request, CALLERS));
    }

    private void verifyEqualAnswers() {
        float[] expected = tensors.get(LOUPE).answer();
        tensors.forEach((name, load) -> assertArrayEquals(expected, load.answer(), TOLERANCE, name));
    }

    private LoadRounds throughput(InferenceLoad images, Optional<BareLoop> bare) throws Exception {
        LoadRounds rounds = new LoadRounds();
        tensors.forEach((name, load) -> rounds.add(name, (_, length) -> load.callers(CALLERS, length)));
        rounds.add(LOUPE_JPEG, (_, length) -> images.callers(CALLERS, length));
        bare.ifPresent(loop -> {
            rounds.add(BARE, (_, length) -> loop.run("tensor", THREADS, length));
            rounds.add(BARE_JPEG, (_, length) -> loop.run("jpeg", THREADS, length));
        });
        rounds.measure(ROUNDS, WARM_UP, LENGTH);
        for (Figure figure : List.of(PER_PROCESSOR_SECOND, PER_SECOND)) {
            rounds.compare("raw tensor", figure, LOUPE, "KServe", Aim.atLeast(1.1));
            rounds.compare("raw tensor", figure, LOUPE, "Triton", Aim.atLeast(1));
        }
        rounds.compare("raw tensor", PER_PROCESSOR_SECOND, LOUPE, BARE, Aim.atLeast(0.9));
        rounds.compare("JPEG of 640 x 480", PER_PROCESSOR_SECOND, LOUPE_JPEG, BARE_JPEG, Aim.atLeast(0.95));
        for (String side : List.of(LOUPE, LOUPE_JPEG, "KServe", "Triton")) {
            if (rounds.has(side)) {
                fairness(rounds, side);
            }
        }
        return rounds;
    }

    private static void fairness(LoadRounds rounds, String side) {
        double p99 = rounds.median(side, LoadResult::p99);
        double least = rounds.least(side, LoadResult::leastShare);
        print(
                "%d callers, %s: p99 %.1f ms (%.1f to %.1f), %s; fewest answers of a caller %.2f of the mean, %s",
                CALLERS,
                side,
                p99,
                rounds.least(side, LoadResult::p99),
                rounds.greatest(side, LoadResult::p99),
                Aim.atMost(110).verdict(p99),
                least,
                Aim.atLeast(0.5).verdict(least));
    }

    private void latency(LoadRounds maxima) throws Exception {
        LoadRounds rounds = new LoadRounds();
        tensors.forEach((name, load) -> {
            double rate = LOAD * maxima.median(name, LoadResult::perSecond);
            rounds.add(name, (round, length) -> load.rate(rate, length, round));
        });
        rounds.measure(ROUNDS, WARM_UP, LENGTH.multipliedBy(2));
        for (String peer : List.of("KServe", "Triton")) {
            rounds.compare("80 % of own maximum", P99, LOUPE, peer, Aim.atMost(1));
        }
        for (String side : tensors.keySet()) {
            print(
                    "80 %% of own maximum, %s: %.1f requests per second, p50 %.1f ms, p99 %.1f ms; %d not answered",
                    side,
                    LOAD * maxima.median(side, LoadResult::perSecond),
                    rounds.median(side, LoadResult::median),
                    rounds.median(side, LoadResult::p99),
                    rounds.notAnswered(side));
        }
    }

    private void batching(ServedNetwork loupe) throws Exception {
        InferenceLoad batched = tensor(loupe.batched());
        batched.callers(CALLERS, WARM_UP);
        assertTrue(hasBatches(loupe.batched()), "no batches: they are not configured");
        Side alone = (_, length) -> tensors.get(LOUPE).callers(1, length);
        LoadRounds rounds = new LoadRounds();
        rounds.add(BATCHED, (_, length) -> batched.callers(1, length));
        rounds.add(ALONE, alone);
        rounds.add(ONCE_MORE, alone);
        rounds.measure(ROUNDS, WARM_UP, LENGTH);
        for (Figure figure : List.of(P50, PROCESSOR)) {
            rounds.compare("one caller", figure, BATCHED, ALONE, Aim.atMost(1.03));
            rounds.compare("one caller", figure, ONCE_MORE, ALONE, null);
        }
    }

    private static boolean hasBatches(NetworkServer server) {
        ManagedChannel channel =
                ManagedChannelBuilder.forTarget(server.target()).usePlaintext().build();
        try {
            return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .modelStatistics(ModelStatisticsRequest.newBuilder()
                            .setName(server.model())
                            .build())
                    .getModelStatsList()
                    .stream()
                    .flatMap(statistics -> statistics.getBatchStatsList().stream())
                    .anyMatch(batch -> batch.getBatchSize() > 1);
        } finally {
            channel.shutdownNow();
        }
    }
}
