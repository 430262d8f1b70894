package dev.loupe.cli.command;

import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "report",
        description = {
            "Writes an evaluation as one HTML file that needs no other: metrics with intervals, figures of each label,",
            "confusions, plots, the images with the surest wrong predictions, and a model card."
        },
        mixinStandardHelpOptions = true)
final class ReportCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(
            paramLabel = "EVALUATION",
            description = "its id, or that of a training run for the evaluation of its own model")
    private String id;

    @Option(names = "--to", paramLabel = "FILE", description = "file to write (default: report-EVALUATION.html)")
    private Path file;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            byte[] html = connection.training().report(id);
            Path target = file == null ? Path.of("report-" + id + ".html") : file;
            HeatmapFiles.write(target, output -> output.write(html));
            server.output().item(Json.object().put("file", target.toString()), "The report on " + id + " is " + target);
        }
    }
}
