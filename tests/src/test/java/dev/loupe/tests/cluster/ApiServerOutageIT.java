package dev.loupe.tests.cluster;

import static dev.loupe.tests.cluster.InstalledLoupe.NAMESPACE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills the API server for two minutes. {@code LOUPE_API_SERVER_PID} names the file with its process id,
 * {@code LOUPE_API_SERVER_START} the command that restarts it.
 */
@Tag("cluster")
@ExtendWith(InstalledLoupe.class)
@Tag("long")
class ApiServerOutageIT {
    private static final Duration OUTAGE = Duration.ofMinutes(2);
    private static final int RATE = 20;

    @Test
    void runsAndPredictionsGoOnWithoutTheApiServer() throws Exception {
        Optional<String> pid = Optional.ofNullable(System.getenv("LOUPE_API_SERVER_PID"));
        Optional<String> start = Optional.ofNullable(System.getenv("LOUPE_API_SERVER_START"));
        Assumptions.assumeTrue(
                pid.isPresent() && start.isPresent(),
                "skipped: LOUPE_API_SERVER_PID and LOUPE_API_SERVER_START do not say how to stop and start it");
        try (Load load = Load.begin(RATE)) {
            // Takes longer than the outage where an epoch takes three seconds or more.
            ObservedRun run = ObservedRun.inTheMiddle(InstalledLoupe.trainSlowly(60, 12));
            String before = trainingLog();
            try {
                kill(Path.of(pid.get()));
                await("the outage")
                        .pollDelay(OUTAGE)
                        .atMost(OUTAGE.plusMinutes(1))
                        .until(() -> true);
            } finally {
                assertEquals(
                        0,
                        new ProcessBuilder("/bin/sh", "-c", start.get())
                                .inheritIO()
                                .start()
                                .waitFor());
            }
            InstalledLoupe.reconnect();

            assertTrue(!run.state().path("state").asText().equals("FAILED"), () -> run.state()
                    .toPrettyString());
            load.awaitMore(10 * RATE);
            int calls = load.endWithoutALoss();
            assertTrue(calls >= RATE * OUTAGE.toSeconds(), calls + " predictions");
            run.assertSucceedsUncharged();
            // Its watch got 410 Gone, and it listed all Jobs again.
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> trainingLog().substring(before.length()).contains("too old resource version"));
        }
    }

    private static void kill(Path pidFile) throws IOException {
        ProcessHandle process = ProcessHandle.of(
                        Long.parseLong(Files.readString(pidFile).strip()))
                .orElseThrow();
        assertTrue(process.destroyForcibly());
    }

    private static String trainingLog() {
        return InstalledLoupe.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withName(InstalledLoupe.replicasOf("training-service")
                        .getFirst()
                        .getMetadata()
                        .getName())
                .getLog();
    }
}
