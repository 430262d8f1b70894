package dev.loupe.cli.command;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "logs", description = "Shows what the trainer of a run said.", mixinStandardHelpOptions = true)
public final class LogsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "RUN", description = "its id")
    private String run;

    @Option(
            names = {"-f", "--follow"},
            description = "go on until the run is over")
    private boolean follow;

    @Override
    public void run() {
        try (Connection connection = server.connect();
                InputStream log = connection.training().logs(run, follow)) {
            if (server.output().isJson()) {
                printLines(log);
                return;
            }
            byte[] buffer = new byte[8192];
            for (int read = log.read(buffer); read >= 0; read = log.read(buffer)) {
                System.out.write(buffer, 0, read);
                System.out.flush();
            }
        } catch (IOException lost) {
            throw new CommandException("the connection was lost: " + lost.getMessage(), lost);
        }
    }

    private static void printLines(InputStream log) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(log, StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            System.out.println(Json.object().put("line", line));
        }
    }
}
