package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = {
            "Uploads a folder or a zip file of images.",
            "Layouts: CLASS/*.jpg, train/CLASS/* with test/CLASS/*, or MVTec's train/good, test/DEFECT, ground_truth."
        },
        mixinStandardHelpOptions = true)
public final class ImportCommand implements Callable<Integer> {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Parameters(paramLabel = "FOLDER|ZIP", description = "the images")
    private Path source;

    /** Exit code 1 when nothing at all was accepted or known before. */
    @Override
    public Integer call() {
        try (Connection connection = server.connect()) {
            JsonNode report = connection.datasets().importImages(project, source);
            server.output().item(report, sentences(report));
            return report.path("accepted").asInt() + report.path("duplicates").asInt() > 0 ? 0 : 1;
        }
    }

    /** What an import did, the refused files one by one (the first ten of them). */
    public static String sentences(JsonNode report) {
        JsonNode rejected = report.path("rejected");
        StringBuilder text = new StringBuilder();
        text.append(report.path("accepted").asInt())
                .append(" images accepted (")
                .append(Output.text(report.path("labels")))
                .append("), ")
                .append(report.path("duplicates").asInt())
                .append(" known before, ")
                .append(rejected.size())
                .append(" refused");
        for (int i = 0; i < Math.min(10, rejected.size()); i++) {
            JsonNode file = rejected.get(i);
            text.append("\n  ")
                    .append(file.path("name").asText())
                    .append(": ")
                    .append(file.path("reason").asText());
        }
        if (rejected.size() > 10) {
            text.append("\n  … and ").append(rejected.size() - 10).append(" more (see all with -o json)");
        }
        return text.toString();
    }
}
