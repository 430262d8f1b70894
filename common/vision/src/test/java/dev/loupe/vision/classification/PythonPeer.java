package dev.loupe.vision.classification;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The program {@code bench/peers.py}, which does the same work as Loupe in Python. */
final class PythonPeer implements AutoCloseable {
    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    PythonPeer(Path python, Path program) throws IOException {
        process = new ProcessBuilder(python.toString(), program.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Gives a command with its arguments, and returns the answer. */
    String ask(Object... words) {
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
    double seconds(Object... words) {
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
