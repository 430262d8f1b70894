package dev.loupe.cli.command;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "logs", description = "Shows the log of a run's trainer.", mixinStandardHelpOptions = true)
public final class LogsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "RUN", description = "its id")
    private String run;

    @Option(
            names = {"-f", "--follow"},
            description = "follow the log until the run ends")
    private boolean follow;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            boolean json = server.output().isJson();
            connection.training().logs(run, follow, json ? LogsCommand::printLines : LogsCommand::print);
        } catch (UncheckedIOException lost) {
            throw new CommandException("the connection was lost: " + lost.getMessage(), lost);
        }
    }

    private static void print(InputStream log) throws IOException {
        byte[] buffer = new byte[8192];
        for (int read = log.read(buffer); read >= 0; read = log.read(buffer)) {
            System.out.write(buffer, 0, read);
            System.out.flush();
        }
    }

    private static void printLines(InputStream log) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(log, StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            System.out.println(Json.object().put("line", line));
        }
    }
}
