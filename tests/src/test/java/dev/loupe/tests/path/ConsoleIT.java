package dev.loupe.tests.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
        Process process = tests.start();
        boolean ended = process.waitFor(8, TimeUnit.MINUTES);
        process.destroy();

        assertEquals(0, ended ? process.exitValue() : -1, () -> text(output));
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
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
