package dev.loupe.tests.cluster;

import static dev.loupe.tests.cluster.InstalledLoupe.NAMESPACE;
import static dev.loupe.tests.cluster.InstalledLoupe.RELEASE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.tests.path.DrawnSurface;
import dev.loupe.tests.path.DrawnSurface.Kind;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@link PredictionLoad} in a pod of the cluster, through the Service of inference-service. */
final class Load implements AutoCloseable {
    private static final Pattern SUMMARY =
            Pattern.compile("calls=(\\d+) ok=(\\d+) failed=(\\d+) wrong=(\\d+) slowest=(\\d+)ms");
    private static final int MAX_SECONDS = 420;

    private final PodProgram program;

    private Load(PodProgram program) {
        this.program = program;
    }

    /** Starts the load, and waits for the first predictions. */
    static Load begin(int callsPerSecond) {
        PodProgram program = PodProgram.start(
                NAMESPACE,
                "load-" + UUID.randomUUID().toString().substring(0, 8),
                Map.of("app", "load"),
                Map.of("image.png", DrawnSurface.png(7, Kind.DOTTED)),
                PredictionLoad.class,
                RELEASE + "-inference-service." + NAMESPACE + ".svc:9000",
                InstalledLoupe.PROJECT,
                "/test/image.png",
                Integer.toString(callsPerSecond),
                Integer.toString(MAX_SECONDS));
        Load load = new Load(program);
        program.awaitWord("calls=");
        load.awaitMore(2 * callsPerSecond);
        return load;
    }

    /** Number of answered calls. */
    int answered() {
        Matcher summary = SUMMARY.matcher(program.said());
        int answered = 0;
        while (summary.find()) {
            answered = Integer.parseInt(summary.group(2));
        }
        return answered;
    }

    void awaitMore(int calls) {
        int before = answered();
        await().atMost(Duration.ofMinutes(1)).until(() -> answered() >= before + calls);
    }

    /** @return how many calls were made, every one of them answered, by the version that it asked for */
    int endWithoutALoss() {
        InstalledLoupe.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withName(program.name())
                .writingOutput(System.out)
                .exec("/bin/sh", "-c", ": > /tmp/stop")
                .exitCode()
                .join();
        String said = program.awaitEnd();
        Matcher end = Pattern.compile("end " + SUMMARY).matcher(said);
        assertTrue(end.find(), said);
        System.out.println("load: " + end.group());
        assertEquals("0", end.group(3), said);
        assertEquals("0", end.group(4), said);
        assertEquals(end.group(1), end.group(2), said);
        return Integer.parseInt(end.group(1));
    }

    @Override
    public void close() {
        program.close();
    }
}
