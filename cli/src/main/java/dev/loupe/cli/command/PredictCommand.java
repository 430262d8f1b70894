package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.contracts.Task;
import dev.loupe.inference.v1.ClassifyResponse;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "predict", description = "Asks a model about pictures (gRPC).", mixinStandardHelpOptions = true)
public final class PredictCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(index = "0", paramLabel = "PROJECT", description = "its name: the model's name")
    private String project;

    @Parameters(index = "1..*", paramLabel = "FILE", arity = "1..*", description = "pictures")
    private List<Path> files;

    @Option(
            names = "--model-version",
            paramLabel = "N|ALIAS",
            defaultValue = "",
            description = "a version number or an alias (default: the alias production)")
    private String version;

    @Option(
            names = "--heatmaps",
            paramLabel = "FOLDER",
            description = "write a heat map PNG for each abnormal picture into it")
    private Path heatmaps;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            Task task = Task.valueOf(
                    connection.datasets().project(project).path("task").asText());
            List<JsonNode> answers = new ArrayList<>();
            for (Path file : files) {
                answers.add(
                        switch (task) {
                            case CLASSIFICATION -> classify(connection, file);
                            case ANOMALY_DETECTION -> detectAnomaly(connection, file);
                        });
            }
            server.output()
                    .list(
                            answers,
                            Column.of("FILE", "file"),
                            Column.of("ANSWER", "answer"),
                            Column.of("SCORE", "score"),
                            Column.of("THRESHOLD", "threshold"),
                            Column.of("VERSION", "version"),
                            Column.of("HEAT MAP", "heatmap"));
        }
    }

    private JsonNode classify(Connection connection, Path file) {
        ClassifyResponse answer = connection.predictions().classify(project, version, read(file));
        ObjectNode row = Json.object()
                .put("file", file.toString())
                .put("answer", answer.getLabel())
                .put("score", answer.getScore())
                .put("version", answer.getProvenance().getVersion());
        ObjectNode probabilities = row.putObject("probabilities");
        answer.getProbabilitiesList().forEach(each -> probabilities.put(each.getLabel(), each.getProbability()));
        return row;
    }

    private JsonNode detectAnomaly(Connection connection, Path file) {
        DetectAnomalyResponse answer =
                connection.predictions().detectAnomaly(project, version, read(file), heatmaps != null);
        ObjectNode row = Json.object()
                .put("file", file.toString())
                .put("answer", answer.getAnomalous() ? "abnormal" : "normal")
                .put("score", answer.getAnomalyScore())
                .put("threshold", answer.getThreshold())
                .put("version", answer.getProvenance().getVersion());
        if (heatmaps != null && answer.getAnomalous()) {
            row.put("heatmap", writeHeatmap(file, answer.getHeatmapPng().toByteArray()));
        }
        return row;
    }

    private String writeHeatmap(Path file, byte[] png) {
        try {
            Files.createDirectories(heatmaps);
            String name = file.getFileName().toString().replaceFirst("\\.[^.]+$", "") + "-heatmap.png";
            return Files.write(heatmaps.resolve(name), png).toString();
        } catch (IOException failed) {
            throw new CommandException(heatmaps + ": can't write there: " + failed.getMessage(), failed);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException absent) {
            throw new CommandException(file + ": there is no such file", absent);
        } catch (IOException unreadable) {
            throw new CommandException(file + ": can't be read: " + unreadable.getMessage(), unreadable);
        }
    }
}
