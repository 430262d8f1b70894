package dev.loupe.tests.path;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The program {@code bench/bare.py}: the libraries of a prediction in a loop, without a server. */
final class BareLoop implements AutoCloseable {
    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    private BareLoop(Process process) {
        this.process = process;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** @return empty if it can't be run; the reason is printed */
    static Optional<BareLoop> start(Path model, String output, Path image) throws IOException {
        Optional<String> missing = PythonPeers.missing("bare");
        if (missing.isPresent()) {
            System.out.println("BENCH the bare loop is skipped: " + missing.get());
            return Optional.empty();
        }
        List<String> arguments = List.of(model.toString(), output, image.toString());
        return Optional.of(new BareLoop(PythonPeers.program("bare", "bare.py", arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()));
    }

    /**
     * Predicts for a time.
     *
     * @param what {@code tensor} or {@code jpeg}
     */
    LoadResult run(String what, int threads, Duration length) throws IOException {
        commands.println(what + " " + length.toMillis() / 1e3 + " " + threads);
        String answer = answers.readLine();
        if (answer == null) {
            throw new IllegalStateException("the program in Python ended; its error is above");
        }
        String[] words = answer.split(" ");
        return LoadResult.of(Integer.parseInt(words[0]), Double.parseDouble(words[2]), Double.parseDouble(words[1]));
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
