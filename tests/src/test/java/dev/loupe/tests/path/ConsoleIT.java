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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The tests of console/webui, in Chromium, on all services. */
@ExtendWith(RunningStack.class)
class ConsoleIT {
    private static final Path WEBUI = LoupeProgram.HOME.resolve("console/webui");
    private static final Path CHROMIUM =
            Path.of(Optional.ofNullable(System.getenv("CHROMIUM")).orElse("/usr/bin/chromium"));

    @Test
    void wholeJobInABrowser() throws Exception {
        require(Files.isExecutable(CHROMIUM), "there is no " + CHROMIUM);
        Optional<URI> console = RunningStack.stack().startConsole();
        require(console.isPresent(), "the console is not built, because there is no Node");
        Path output = Files.createTempFile("console", ".txt");

        ProcessBuilder tests = new ProcessBuilder("node", "node_modules/@playwright/test/cli.js", "test")
                .directory(WEBUI.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        tests.environment().put("LOUPE_CONSOLE", console.orElseThrow().toString());
        tests.environment().computeIfPresent("LOUPE_SHARED", (_, folder) -> LoupeProgram.HOME
                .resolve(folder)
                .toString());
        HttpServer restarts = restarts();
        tests.environment()
                .put(
                        "LOUPE_RESTART",
                        "http://127.0.0.1:" + restarts.getAddress().getPort() + "/");
        Process process = tests.start();
        boolean ended = process.waitFor(20, TimeUnit.MINUTES);
        process.destroy();
        restarts.stop(0);

        assertEquals(0, ended ? process.exitValue() : -1, () -> text(output));
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

    private static void require(boolean present, String reason) {
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
