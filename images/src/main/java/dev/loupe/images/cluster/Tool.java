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

/** A program of other people that does a part of the work: {@code kubectl}, {@code helm}. */
public record Tool(String program, String howToGetIt) {

    /**
     * Runs it to its end.
     *
     * @param input that it reads; may be empty
     * @return what it said
     * @throws CommandException with its own words when it fails
     */
    public String run(String input, String... arguments) {
        Process process = start(arguments);
        CompletableFuture<String> complaint = CompletableFuture.supplyAsync(() -> read(process.errorReader()));
        try {
            try (var out = process.outputWriter(StandardCharsets.UTF_8)) {
                out.write(input);
            } catch (IOException itDidNotListen) {
                // Its exit code tells.
            }
            String said = read(process.inputReader());
            if (process.waitFor() != 0) {
                throw new CommandException(
                        program + " " + String.join(" ", arguments) + " failed: " + (complaint.join() + said).strip());
            }
            return said;
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
                    "needs " + program + ", which can't be run (" + absent.getMessage() + "). " + howToGetIt, absent);
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
