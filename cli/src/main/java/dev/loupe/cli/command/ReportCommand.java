package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.report.Report;
import dev.loupe.cli.report.WrongImage;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "report",
        description = {
            "Writes a report on a run as one HTML file that needs no other: metrics with intervals, figures of each",
            "label, confusions, curves, the images with the surest wrong predictions, and how the model came about."
        },
        mixinStandardHelpOptions = true)
final class ReportCommand implements Runnable {
    private static final int MAX_IMAGES = 24;

    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "RUN", description = "its id")
    private String id;

    @Option(names = "--to", paramLabel = "FILE", description = "file to write (default: run-RUN.html)")
    private Path file;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            JsonNode run = connection.training().run(id);
            JsonNode evaluation = connection.training().evaluation(id);
            String project = run.path("project").asText();
            List<WrongImage> wrong = connection.training().results(id, "WRONG", MAX_IMAGES).stream()
                    .map(result -> WrongImage.of(
                            result,
                            connection
                                    .datasets()
                                    .thumbnail(project, result.path("sha256").asText())))
                    .toList();
            byte[] html = Report.html(run, evaluation, wrong).getBytes(StandardCharsets.UTF_8);
            Path target = file == null ? Path.of("run-" + run.path("id").asText() + ".html") : file;
            HeatmapFiles.write(target, output -> output.write(html));
            server.output()
                    .item(
                            Json.object().put("file", target.toString()),
                            "The report on run " + run.path("id").asText() + " is " + target);
        }
    }
}
