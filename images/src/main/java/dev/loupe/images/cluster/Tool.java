package dev.loupe.images.cluster;

import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** An external program: {@code kubectl}, {@code helm}. */
public record Tool(String program, String installation) {

    /**
     * Runs the program and waits until it exits.
     *
     * @param input its standard input; may be empty
     * @return its standard output
     * @throws CommandException with its output when it fails
     */
    public String run(String input, String... arguments) {
        Process process = start(arguments);
        CompletableFuture<String> errors = CompletableFuture.supplyAsync(() -> read(process.errorReader()));
        try {
            try (var out = process.outputWriter(StandardCharsets.UTF_8)) {
                out.write(input);
            } catch (IOException closed) {
                // It does not read its input: its exit code says whether it failed.
            }
            String output = read(process.inputReader());
            if (process.waitFor() != 0) {
                throw new CommandException(
                        program + " " + String.join(" ", arguments) + " failed: " + (errors.join() + output).strip());
            }
            return output;
        } catch (InterruptedException interrupted) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new CommandException(program + " was interrupted", interrupted);
        }
    }

    Process start(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command).start();
        } catch (IOException absent) {
            throw new CommandException(
                    "cannot run " + program + " (" + absent.getMessage() + "). " + installation, absent);
        }
    }

    private static String read(Reader reader) {
        try (reader) {
            StringWriter text = new StringWriter();
            reader.transferTo(text);
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
