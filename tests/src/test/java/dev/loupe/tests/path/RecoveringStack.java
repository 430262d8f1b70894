package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;

import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.Ports;
import dev.loupe.local.Server;
import dev.loupe.local.StackListener;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;

/** Loupe as {@code ./loupe up} runs it. Its servers write to a small file system of their own if the test can mount one. */
final class RecoveringStack {
    static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String DISK_SIZE = "size=512m";

    private final Path data;
    private final boolean ownDisk;
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final Map<Server, Instant> readySince = new ConcurrentHashMap<>();
    private final LocalStack stack;
    private final Connection connection;
    private final HttpClient http = HttpClient.newHttpClient();

    private RecoveringStack() throws IOException, InterruptedException {
        data = Files.createTempDirectory("loupe-recovery");
        Path disk = Files.createDirectories(data.resolve("devstack"));
        ownDisk = run("mount", "-t", "tmpfs", "-o", DISK_SIZE, "loupe-test", disk.toString());
        stack = LocalStack.start(
                new LocalStackOptions(LoupeProgram.HOME, data, Ports.FREE, false, false), new StackListener() {
                    @Override
                    public void note(String sentence) {}

                    @Override
                    public void ready(Server server, Duration took) {
                        readySince.put(server, Instant.now());
                    }

                    @Override
                    public void problem(Server server, String sentence) {
                        problems.add(server.label() + ": " + sentence);
                    }
                });
        stack.keepRunning();
        connection = new Connection(stack.endpoints());
    }

    static RecoveringStack start() throws IOException, InterruptedException {
        return new RecoveringStack();
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    LocalStack stack() {
        return stack;
    }

    Connection loupe() {
        return connection;
    }

    Path data() {
        return data;
    }

    /** Whether the folder {@code devstack} is a separate file system, which a test can fill. */
    boolean hasOwnDisk() {
        return ownDisk;
    }

    List<String> problems() {
        return problems;
    }

    /** PostgreSQL's main process. It is not a child process of devstack. */
    ProcessHandle postgres() throws IOException {
        String pid = Files.readAllLines(data.resolve("devstack/postgres/postmaster.pid"))
                .getFirst()
                .strip();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    /** Returns when all servers are ready. The services may be ready before devstack is. */
    void awaitReady() {
        await().atMost(PATIENCE).until(() -> stack.process(Server.DEVSTACK)
                .info()
                .startInstant()
                .filter(start -> readySince.get(Server.DEVSTACK).isAfter(start))
                .isPresent());
        Endpoints endpoints = stack.endpoints();
        for (URI service : List.of(endpoints.dataset(), endpoints.training(), endpoints.inference())) {
            await().atMost(PATIENCE).until(() -> isReady(service));
        }
    }

    private boolean isReady(URI service) throws InterruptedException {
        try {
            return http.send(
                                    HttpRequest.newBuilder(service.resolve("/q/health/ready"))
                                            .timeout(Duration.ofSeconds(5))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Status of a request that changes something, as a page of that origin would send it. */
    int post(URI service, String path, String origin) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(service.resolve(path))
                .header("Content-Type", "text/plain")
                .header("Origin", origin)
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        return http.send(request, BodyHandlers.discarding()).statusCode();
    }

    void close() throws IOException, InterruptedException {
        connection.close();
        http.close();
        stack.close();
        if (ownDisk) {
            run("umount", data.resolve("devstack").toString());
        }
        FileUtils.deleteDirectory(data.toFile());
    }
}
