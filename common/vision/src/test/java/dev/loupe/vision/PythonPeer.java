package dev.loupe.vision;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/** The program {@code bench/peers.py}, which does the same work as Loupe in Python. */
public final class PythonPeer implements AutoCloseable {
    private static final Path PYTHON = Path.of(
            Objects.requireNonNullElse(
                    System.getenv("LOUPE_TOOLS"), System.getProperty("user.home") + "/.cache/loupe-tools"),
            "venv-learning/bin/python");
    private static final Path PROGRAM = Path.of("bench/peers.py");

    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    /** Starts the program, or skips the test where its packages are not installed. */
    public static PythonPeer start() throws IOException {
        assumeTrue(Files.isExecutable(PYTHON), "skipped: there is no " + PYTHON + "; bench/peers.sh installs it");
        return new PythonPeer();
    }

    private PythonPeer() throws IOException {
        process = new ProcessBuilder(PYTHON.toString(), PROGRAM.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Gives a command with its arguments, and returns the answer. */
    public String ask(Object... words) {
        commands.println(
                String.join("\t", Arrays.stream(words).map(Object::toString).toList()));
        try {
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException("the program in Python ended; its error is above");
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** CPU seconds that a command took. */
    public double seconds(Object... words) {
        return Double.parseDouble(ask(words));
    }

    @Override
    public void close() {
        commands.close(); // the program ends with its input
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
