package dev.loupe.tests.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.loupe.local.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The tests of console/webui, in Chromium, on all services. */
@ExtendWith(RunningStack.class)
class ConsoleIT {
    /** They restart a service. */
    private static final String ERRORS = "tests/errors.spec.ts";
    /** They occupy the trainer for minutes. */
    private static final String REAL = "tests/real.spec.ts";

    private static final Path WEBUI = LoupeProgram.HOME.resolve("console/webui");
    private static final Path CHROMIUM =
            Path.of(Optional.ofNullable(System.getenv("CHROMIUM")).orElse("/usr/bin/chromium"));

    private static URI console;

    @Test
    @Timeout(value = 50, unit = TimeUnit.MINUTES)
    void wholeJobInABrowser() throws Exception {
        URI console = console();
        HttpServer restarts = restarts();

        Outcome errors = playwright(
                console,
                Map.of(
                        "LOUPE_RESTART",
                        "http://127.0.0.1:" + restarts.getAddress().getPort() + "/"),
                ERRORS);
        Outcome others = playwright(console, Map.of(), others());

        restarts.stop(0);
        assertEquals(0, errors.status(), errors::text);
        assertEquals(0, others.status(), others::text);
    }

    @Test
    @Tag("long")
    void wholeJobOnRealImages() throws Exception {
        Outcome real = playwright(console(), Map.of(), REAL);
        assertEquals(0, real.status(), real::text);
    }

    /** It is started once. */
    private static synchronized URI console() {
        requireBrowser();
        if (console == null) {
            Optional<URI> started = RunningStack.stack().startConsole();
            require(started.isPresent(), "the console is not built, because there is no Node");
            console = started.orElseThrow();
        }
        return console;
    }

    /** How the tests of a browser ended: 0 if all passed. */
    record Outcome(int status, Path output) {
        String text() {
            return ConsoleIT.text(output);
        }
    }

    /** All other files, two at the same time: most of the time they wait for trainers. */
    private static String[] others() throws IOException {
        try (Stream<Path> files = Files.list(WEBUI.resolve("tests"))) {
            return Stream.concat(
                            Stream.of("--workers=2", "--output=target/playwright/others"),
                            files.map(file -> "tests/" + file.getFileName())
                                    .filter(file ->
                                            file.endsWith(".spec.ts") && !file.equals(ERRORS) && !file.equals(REAL))
                                    .sorted())
                    .toArray(String[]::new);
        }
    }

    /** @param arguments of Playwright: files with tests, options */
    static Outcome playwright(URI console, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("console", ".txt");
        List<String> command = new ArrayList<>(List.of("node", "node_modules/@playwright/test/cli.js", "test"));
        command.addAll(List.of(arguments));
        ProcessBuilder tests = new ProcessBuilder(command)
                .directory(WEBUI.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        tests.environment().put("LOUPE_CONSOLE", console.toString());
        tests.environment().computeIfPresent("LOUPE_SHARED", (_, folder) -> LoupeProgram.HOME
                .resolve(folder)
                .toString());
        tests.environment().putAll(environment);
        Process process = tests.start();
        try {
            boolean ended = process.waitFor(20, TimeUnit.MINUTES);
            return new Outcome(ended ? process.exitValue() : -1, output);
        } finally {
            process.destroy();
        }
    }

    /** Restarts dataset-service at each request, and responds when it is ready. */
    private static HttpServer restarts() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            RunningStack.stack().restart(Server.DATASET);
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    static void requireBrowser() {
        require(Files.isExecutable(CHROMIUM), "there is no " + CHROMIUM);
    }

    static void require(boolean present, String reason) {
        if (!present) {
            System.out.println("skipped: the console in a browser: " + reason);
        }
        assumeTrue(present, reason);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
