package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = {
            "Uploads a folder or a zip archive of images.",
            "Layouts: CLASS/*.jpg; train/CLASS/* with test/CLASS/*; MVTec's train/good, test/DEFECT, ground_truth;",
            "or a flat folder with --label."
        },
        mixinStandardHelpOptions = true)
public final class ImportCommand implements Callable<Integer> {
    private static final int LISTED = 10;

    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Parameters(paramLabel = "FOLDER|ZIP", description = "the images")
    private Path source;

    @Option(
            names = "--label",
            paramLabel = "LABEL",
            description = {
                "the one label of all images, where no folders say it: a class,",
                "or normal or abnormal in an anomaly detection project"
            })
    private String label;

    @Option(
            names = "--relabel",
            description = "replace the labels and splits that images of the project have by those given here")
    private boolean relabel;

    /** Exit code 1 when nothing at all was accepted or known before. */
    @Override
    public Integer call() {
        try (Connection connection = server.connect()) {
            JsonNode report = connection.datasets().importImages(project, source, label, relabel);
            server.output().item(report, sentences(report));
            return report.path("accepted").asInt() + report.path("duplicates").asInt() > 0 ? 0 : 1;
        }
    }

    /** What an import did: how it understood the folders, and the refused files one by one (the first ten of them). */
    public static String sentences(JsonNode report) {
        int rejected = 0;
        for (JsonNode count : report.path("rejectedCounts")) {
            rejected += count.asInt();
        }
        StringBuilder text = new StringBuilder();
        text.append(Output.count(report.path("accepted").asInt(), "image"))
                .append(" accepted, ")
                .append(report.path("duplicates").asInt())
                .append(" known before, ")
                .append(report.path("changed").asInt())
                .append(" changed, ")
                .append(Output.count(rejected, "file"))
                .append(" refused");
        if (!report.path("description").asText().isEmpty()) {
            text.append("\n  Layout: ").append(report.path("description").asText());
            if (!report.path("root").asText().isEmpty()) {
                text.append(" (in '").append(report.path("root").asText()).append("')");
            }
        }
        report.path("counts").properties().forEach(split -> text.append("\n  ")
                .append(String.format("%-10s ", split.getKey()))
                .append(Output.text(split.getValue())));
        report.path("warnings").forEach(warning -> text.append("\n  Warning: ")
                .append(warning.path("message").asText())
                .append(warning.path("code").asText().equals("UNLABELLED") ? "; or import with --label LABEL" : ""));
        addFiles(text, report.path("rejected"), rejected, file -> file.path("reason")
                .asText());
        addFiles(
                text,
                report.path("conflicts"),
                report.path("conflictCount").asInt(),
                file -> "given " + Output.text(file.path("given")) + ", stored " + Output.text(file.path("stored"))
                        + "; --relabel replaces what is stored");
        return text.toString();
    }

    private static void addFiles(
            StringBuilder text, JsonNode files, int count, java.util.function.Function<JsonNode, String> reason) {
        for (int i = 0; i < Math.min(LISTED, files.size()); i++) {
            text.append("\n  ")
                    .append(files.get(i).path("name").asText())
                    .append(": ")
                    .append(reason.apply(files.get(i)));
        }
        if (count > LISTED) {
            text.append("\n  … and ").append(count - LISTED).append(" more (-o json lists them)");
        }
    }
}
