package dev.loupe.tests.path;

import static dev.loupe.tests.path.LoadRounds.print;

import dev.loupe.model.bench.PublishedNetworks;
import dev.loupe.tests.path.LoadRounds.Aim;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten times as many requests as inference-service can answer, and how soon it is as fast as before when they end: a benchmark,
 * run by {@code ./loupe bench serving} and by no test. The client uses the same processors.
 *
 * <p>System properties as {@link PeerServingBench} has them.
 */
class OverloadBench {
    private static final int ROUNDS = Integer.getInteger("loupe.bench.rounds", 7);
    private static final Duration WARM_UP = Duration.ofSeconds(Integer.getInteger("loupe.bench.warmup", 30));
    private static final Duration OVERLOAD = Duration.ofSeconds(15);
    private static final int CALLERS = 16;
    private static final int TIMES = 10;
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** Seconds after the overload that are measured one by one. */
    private static final int AFTERWARDS = 6;

    @TempDir
    private Path folder;

    @Test
    void tenTimesTheMaximum() throws Exception {
        try (ServedNetwork loupe = ServedNetwork.start(
                        PublishedNetworks.named("mobilenet_v2"), PublishedNetworks.CLASSES, folder.resolve("loupe"));
                InferenceLoad load = new InferenceLoad(
                        loupe.alone(), InferRequests.image(loupe.alone().model(), InferRequests.jpeg()), CALLERS)) {
            load.callers(CALLERS, WARM_UP);
            double[] recovered = new double[ROUNDS];
            long first = 0;
            for (int round = 0; round < ROUNDS; round++) {
                recovered[round] = overload(load, round);
                long resident = ResidentMemory.mebibytes(loupe.alone().process().pid());
                first = round == 0 ? resident : first;
                print(
                        "resident memory after round %d: %d MiB, %.2f of that after the first",
                        round + 1, resident, (double) resident / first);
            }
            Arrays.sort(recovered);
            double median = recovered[ROUNDS / 2];
            print(
                    "from the second second after an overload: %.2f (%.2f to %.2f) of the predictions before it, %s",
                    median,
                    recovered[0],
                    recovered[ROUNDS - 1],
                    Aim.atLeast(0.95).verdict(median));
        }
    }

    /** Predictions per second from a second after the last answer to an overload on, as a share of those before it. */
    private static double overload(InferenceLoad load, int round) throws Exception {
        double before = load.callers(CALLERS, SECOND.multipliedBy(5)).perSecond();
        LoadResult flood = load.rate(TIMES * before, OVERLOAD, round);
        double[] after = new double[AFTERWARDS];
        for (int second = 0; second < AFTERWARDS; second++) {
            after[second] = load.callers(CALLERS, SECOND).perSecond();
        }
        print(
                "%d answered, p50 %.0f ms, p99 %.0f ms; %d refused, %d failed; %.0f requests per second, of which %.1f were"
                        + " answered, %.1f before; the last answer came %.1f s after the last request was due;"
                        + " afterwards, second by second: %s",
                flood.answers(),
                flood.median(),
                flood.p99(),
                flood.refused(),
                flood.failures(),
                (flood.answers() + flood.refused() + flood.failures()) / flood.seconds(),
                flood.perSecond(),
                before,
                flood.seconds() - OVERLOAD.toSeconds(),
                Arrays.toString(Arrays.stream(after).mapToLong(Math::round).toArray()));
        return Arrays.stream(after).skip(1).average().orElseThrow() / before;
    }
}
