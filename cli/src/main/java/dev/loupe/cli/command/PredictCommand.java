package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.client.PredictionException;
import dev.loupe.contracts.Task;
import dev.loupe.inference.v1.ClassifyResponse;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import dev.loupe.inference.v1.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "predict",
        description = {
            "Sends images to a model over gRPC and prints its predictions.",
            "An image without a prediction is listed with the reason; the exit code is then 1."
        },
        mixinStandardHelpOptions = true)
public final class PredictCommand implements Callable<Integer> {
    /** Upper bound of what a client sends. The limit of the server is smaller, and its error names it. */
    private static final long MAX_FILE_BYTES = 64L << 20;

    @Mixin
    private ServerOptions server;

    @Parameters(index = "0", paramLabel = "PROJECT", description = "its name: the model's name")
    private String project;

    @Parameters(index = "1..*", paramLabel = "FILE", arity = "1..*", description = "images")
    private List<Path> files;

    @Option(
            names = "--model-version",
            paramLabel = "N|ALIAS",
            defaultValue = "",
            description = "a version number or an alias (default: the alias production)")
    private String version;

    @Option(
            names = "--request-key",
            paramLabel = "KEY",
            description = "of an alias with a candidate: requests with the same key are answered by the same version")
    private String requestKey;

    @Option(
            names = "--arm",
            paramLabel = "ARM",
            description = "holder or candidate: of an alias with a candidate, the version that answers")
    private String arm;

    @Option(
            names = "--heatmaps",
            paramLabel = "FOLDER",
            description = "write a heatmap PNG for each abnormal image into it")
    private Path heatmaps;

    @Option(
            names = "--product",
            paramLabel = "NAME",
            defaultValue = "",
            description = "product that the images show, for a version with a memory for each product")
    private String product;

    @Override
    public Integer call() {
        try (Connection connection = server.connect()) {
            Task task = Task.valueOf(
                    connection.datasets().project(project).path("task").asText());
            HeatmapFiles heatmapFiles = heatmaps == null
                    ? null
                    : new HeatmapFiles(
                            heatmaps,
                            files.stream().filter(Files::isRegularFile).toList());
            List<JsonNode> answers = new ArrayList<>();
            try {
                for (Path file : files) {
                    answers.add(answer(connection, task, file, heatmapFiles));
                }
            } finally {
                // Also if the connection is lost in between.
                if (!answers.isEmpty()) {
                    print(answers);
                }
            }
            return answers.stream().anyMatch(answer -> answer.has("error")) ? 1 : 0;
        }
    }

    private void print(List<JsonNode> answers) {
        List<Column> columns = new ArrayList<>(List.of(
                Column.of("FILE", "file"),
                new Column(
                        "ANSWER",
                        answer -> answer.has("error")
                                ? "failed: " + answer.path("error").asText()
                                : answer.path("answer").asText()),
                Column.of("SCORE", "score"),
                Column.of("THRESHOLD", "threshold"),
                Column.of("VERSION", "version"),
                Column.of("HEATMAP", "heatmap")));
        if (answers.stream().anyMatch(answer -> answer.has("arm"))) {
            columns.add(Column.of("ARM", "arm"));
        }
        if (answers.stream().anyMatch(answer -> answer.has("product"))) {
            columns.add(Column.of("PRODUCT", "product"));
        }
        if (answers.stream().anyMatch(answer -> answer.has("warnings"))) {
            columns.add(new Column("WARNINGS", PredictCommand::warnings));
        }
        server.output().list(answers, columns.toArray(Column[]::new));
    }

    private static String warnings(JsonNode answer) {
        List<String> messages = new ArrayList<>();
        answer.path("warnings")
                .forEach(warning -> messages.add(warning.path("message").asText()));
        return String.join("; ", messages);
    }

    private ObjectNode answer(Connection connection, Task task, Path file, HeatmapFiles heatmapFiles) {
        ObjectNode row = Json.object().put("file", file.toString());
        try {
            byte[] image = read(file);
            switch (task) {
                case CLASSIFICATION -> classify(connection, image, row);
                case ANOMALY_DETECTION -> detectAnomaly(connection, image, file, heatmapFiles, row);
            }
        } catch (UnreadableFile unreadable) {
            row.put("error", unreadable.getMessage());
        } catch (PredictionException refused) {
            if (!refused.isOfTheImage()) {
                throw refused;
            }
            row.put("error", refused.reason());
        }
        return row;
    }

    private void classify(Connection connection, byte[] image, ObjectNode row) {
        ClassifyResponse answer =
                connection.predictions().choosing(requestKey, arm).classify(project, version, image);
        row.put("answer", answer.getLabel())
                .put("score", answer.getScore())
                .put("version", answer.getProvenance().getVersion())
                .put("predictionId", answer.getProvenance().getPredictionId());
        arm(row, answer.getProvenance());
        ObjectNode probabilities = row.putObject("probabilities");
        answer.getProbabilitiesList().forEach(each -> probabilities.put(each.getLabel(), each.getProbability()));
    }

    private void detectAnomaly(
            Connection connection, byte[] image, Path file, HeatmapFiles heatmapFiles, ObjectNode row) {
        DetectAnomalyResponse answer = connection
                .predictions()
                .choosing(requestKey, arm)
                .detectAnomaly(project, version, image, heatmapFiles != null, product);
        row.put("answer", answer.getAnomalous() ? "abnormal" : "normal")
                .put("score", answer.getAnomalyScore())
                .put("threshold", answer.getThreshold())
                .put("thresholdVersion", answer.getThresholdVersion())
                .put("version", answer.getProvenance().getVersion())
                .put("predictionId", answer.getProvenance().getPredictionId());
        arm(row, answer.getProvenance());
        if (!answer.getProduct().isEmpty()) {
            row.put("product", answer.getProduct());
        }
        if (answer.hasCalibratedScore()) {
            row.put("calibratedScore", answer.getCalibratedScore());
        }
        if (answer.getWarningsCount() > 0) {
            ArrayNode warnings = row.putArray("warnings");
            answer.getWarningsList().forEach(warning -> warnings.addObject()
                    .put("measure", warning.getMeasure())
                    .put("value", warning.getValue())
                    .put("minimum", warning.getMinimum())
                    .put("maximum", warning.getMaximum())
                    .put("message", warning.getMessage()));
        }
        if (heatmapFiles != null && answer.getAnomalous()) {
            Path written = HeatmapFiles.write(heatmapFiles.of(file), answer.getHeatmapPng()::writeTo);
            row.put("heatmap", written.toString());
        }
    }

    private static void arm(ObjectNode row, Provenance provenance) {
        if (!provenance.getArm().isEmpty()) {
            row.put("arm", provenance.getArm());
        }
    }

    private static byte[] read(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new UnreadableFile("expected an image file, got a folder", null);
            }
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new UnreadableFile(
                        "%.1f MiB exceeds the %d MiB that a request may have"
                                .formatted(Files.size(file) / 1048576.0, MAX_FILE_BYTES >> 20),
                        null);
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException absent) {
            throw new UnreadableFile("no such file", absent);
        } catch (IOException unreadable) {
            throw new UnreadableFile("can't be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private static final class UnreadableFile extends CommandException {
        private static final long serialVersionUID = 1L;

        UnreadableFile(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
