package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.contracts.Task;
import dev.loupe.tests.path.LoupeProgram.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./loupe up} started and stopped twice. */
class UpIT {
    private static final List<String> FREE_PORTS = List.of(
            "--dataset-port",
            "0",
            "--training-port",
            "0",
            "--inference-port",
            "0",
            "--grpc-port",
            "0",
            "--console-port",
            "0");

    @TempDir
    private Path folder;

    private Path data;
    private LoupeProgram loupe;
    private Process up;

    @BeforeEach
    void place() {
        data = folder.resolve("data");
        loupe = new LoupeProgram(folder, Map.of());
    }

    @AfterEach
    void stopWhatAFailureLeft() throws InterruptedException {
        if (up != null && up.isAlive()) {
            up.destroy();
            up.waitFor(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatOneUpKeptTheNextOneFinds() throws Exception {
        startUp(List.of());
        try (Connection connection = connection()) {
            connection.datasets().createProject("kept", Task.CLASSIFICATION, null);
        }
        Ended second = loupe.run(up());
        assertEquals(1, second.status(), second.output());
        assertTrue(second.output().contains("runs already"), second.output());
        stopUp();

        Ended without = loupe.run(List.of("projects", "--data", data.toString()));
        assertEquals(1, without.status(), without.output());
        assertTrue(without.output().contains("./loupe up"), without.output());

        Path output = startUp(List.of("-o", "json"));
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertTrue(
                        text(output).contains("in a browser") || text(output).contains("console is left out"),
                        () -> text(output)));
        String addresses = Endpoints.load(data).json().toPrettyString();
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertTrue(text(output).contains(addresses), () -> text(output)));
        Ended projects = loupe.run(List.of("projects", "--data", data.toString()));
        assertTrue(projects.output().contains("kept"), projects.output());
        stopUp();
    }

    @Test
    void interruptedDemoStopsItsServersAndSaysSo() throws Exception {
        Path output = Files.createTempFile(folder, "demo", ".txt");
        List<String> demo = new ArrayList<>(List.of("demo", "--data", data.toString()));
        demo.addAll(FREE_PORTS);
        up = loupe.start(demo, output);
        await().atMost(Duration.ofMinutes(3)).until(() -> {
            assertTrue(up.isAlive(), () -> text(output));
            return text(output).contains("Create the project");
        });
        List<ProcessHandle> children = up.descendants().toList();
        assertTrue(children.size() >= 4, "the servers are processes of their own: " + children);

        // The signal of Ctrl-C.
        assertEquals(
                0, new ProcessBuilder("kill", "-INT", "" + up.pid()).start().waitFor());

        assertTrue(up.waitFor(1, TimeUnit.MINUTES), () -> text(output));
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() ->
                        assertFalse(children.stream().anyMatch(ProcessHandle::isAlive), "its children end with it"));
        assertTrue(text(output).contains("stopping the servers that this demo started"), () -> text(output));
        assertFalse(text(output).contains("\tat "), () -> text(output));
        assertFalse(text(output).contains("loupe: "), () -> text(output));
    }

    private List<String> up() {
        List<String> arguments = new ArrayList<>(List.of("up", "--data", data.toString()));
        arguments.addAll(FREE_PORTS);
        return arguments;
    }

    private Path startUp(List<String> options) throws IOException {
        Path output = Files.createTempFile(folder, "up", ".txt");
        List<String> arguments = up();
        arguments.addAll(options);
        up = loupe.start(arguments, output);
        await().atMost(Duration.ofMinutes(3)).until(() -> {
            assertTrue(up.isAlive(), () -> text(output));
            return text(output).contains("Ready after");
        });
        return output;
    }

    private void stopUp() throws InterruptedException {
        List<ProcessHandle> children = up.descendants().toList();
        assertTrue(children.size() >= 4, "the servers are processes of their own: " + children);
        up.destroy();
        assertTrue(up.waitFor(1, TimeUnit.MINUTES), "up must end when it is asked to");
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() ->
                        assertFalse(children.stream().anyMatch(ProcessHandle::isAlive), "its children end with it"));
    }

    private Connection connection() {
        return new Connection(Endpoints.load(data));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
