package dev.loupe.local;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real processes, in place of the services. */
class SupervisorTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicInteger starts = new AtomicInteger();
    private volatile Process process;

    @AfterEach
    void endProcess() {
        closing.set(true);
        process.destroyForcibly();
    }

    private void supervise(Duration quick, int attempts, List<String> command) throws IOException {
        Supervisor.Runner runner = new Supervisor.Runner() {
            @Override
            public Process process(Server server) {
                return process;
            }

            @Override
            public void start(Server server) throws IOException {
                starts.incrementAndGet();
                process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(logFile(server).toFile())
                        .start();
            }

            @Override
            public Path logFile(Server server) {
                return folder.resolve(server.label() + ".log");
            }
        };
        StackListener listener = new StackListener() {
            @Override
            public void note(String sentence) {}

            @Override
            public void ready(Server server, Duration took) {}

            @Override
            public void problem(Server server, String sentence) {
                problems.add(sentence);
            }
        };
        runner.start(Server.DATASET);
        new Supervisor(
                        runner,
                        listener,
                        closing::get,
                        folder,
                        new Supervisor.Patience(quick, Duration.ofMillis(10), Duration.ofMillis(40), attempts))
                .watch(Server.DATASET);
    }

    @Test
    void aKilledServerIsStartedAgainAndTheSignalIsTold() throws Exception {
        supervise(Duration.ZERO, 2, List.of("sleep", "300"));
        for (int kill = 1; kill <= 4; kill++) {
            int expected = kill + 1;
            Process running = process;
            running.destroyForcibly();
            await().atMost(PATIENCE).until(() -> starts.get() == expected && process != running && process.isAlive());
        }

        assertEquals(4, problems.size(), problems.toString());
        assertTrue(problems.getFirst().contains("killed by signal 9 (SIGKILL)"), problems.getFirst());
    }

    @Test
    void aServerThatEndsQuicklyIsGivenUpWithTheReasonAndItsLastWords() throws Exception {
        supervise(Duration.ofMinutes(1), 4, List.of("sh", "-c", "echo 10:00 ERROR the cause; exit 7"));

        await().atMost(PATIENCE).until(() -> problems.size() == 5);

        assertEquals(4, starts.get());
        String last = problems.getLast();
        assertTrue(last.contains("4 times") && last.contains("exit code 7"), last);
        assertTrue(last.contains("ERROR the cause"), last);
        assertTrue(last.contains("dataset-service.log"), last);
    }

    @Test
    void outOfMemoryIsToldAsThat() throws Exception {
        Path program = Files.writeString(folder.resolve("Full.java"), """
                class Full {
                    public static void main(String[] arguments) {
                        var all = new java.util.ArrayList<byte[]>();
                        while (true) {
                            all.add(new byte[1 << 20]);
                        }
                    }
                }
                """);
        String java = ProcessHandle.current().info().command().orElseThrow();

        supervise(
                Duration.ofMinutes(1),
                1,
                List.of(java, "-Xmx48m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", program.toString()));

        await().atMost(PATIENCE).until(() -> !problems.isEmpty());
        assertTrue(problems.getFirst().contains("ended: out of memory (Java heap space)"), problems.getFirst());
    }
}
