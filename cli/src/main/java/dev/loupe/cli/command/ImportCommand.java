package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Datasets;
import dev.loupe.cli.server.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = {
            "Uploads a folder or a zip archive of images, and waits until it is imported.",
            "Formats: CLASS/*.jpg; train/CLASS/* with test/CLASS/*; MVTec's train/good, test/DEFECT, ground_truth;",
            "or a flat folder with --label."
        },
        mixinStandardHelpOptions = true)
public final class ImportCommand implements Callable<Integer> {
    private static final int LISTED = 10;
    private static final int LISTED_AS_JSON = 1_000;

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
                "one label for all images, if the folders do not determine it: a class,",
                "or normal or abnormal in an anomaly detection project"
            })
    private String label;

    @Option(
            names = "--relabel",
            description = "replace the stored labels, splits and products of images of the project by those given here")
    private boolean relabel;

    @Option(
            names = "--products",
            description = {
                "a folder within that of a label is a product (good/PRODUCT/1.png), in a project of several products;",
                "otherwise it has no meaning"
            })
    private boolean products;

    @Option(names = "--inspect", description = "show what an import would do, and add nothing")
    private boolean inspect;

    @Option(names = "--no-wait", description = "return when the images are uploaded, before they are imported")
    private boolean noWait;

    /** Exit code 1 if the import does not succeed, or no image was added or known before. */
    @Override
    public Integer call() {
        if (inspect && (relabel || noWait)) {
            throw new UsageException("--inspect: expected neither --relabel nor --no-wait beside it");
        }
        try (Connection connection = server.connect()) {
            Datasets datasets = connection.datasets();
            if (inspect) {
                JsonNode inspection = datasets.inspectImport(project, source, label, products);
                server.output().item(inspection, inspected(inspection));
                return inspection.path("images").asInt() > 0 ? 0 : 1;
            }
            JsonNode started = datasets.startImport(project, source, label, relabel, products);
            String id = started.path("id").asText();
            if (noWait) {
                server.output()
                        .item(
                                started,
                                "Import " + id + " is queued. Its state: ./loupe imports show " + project + " " + id);
                return 0;
            }
            JsonNode ended;
            try (RunProgress progress = new RunProgress(System.err)) {
                ended = datasets.followImport(project, id, progress);
            }
            show(server.output(), datasets, project, (ObjectNode) ended);
            JsonNode report = ended.path("report");
            return report.path("added").asInt() + report.path("existing").asInt() > 0 ? 0 : 1;
        }
    }

    /** Prints an import with its refused files and conflicts. */
    static void show(Output output, Datasets datasets, String project, ObjectNode status) {
        if (status.has("report")) {
            String id = status.path("id").asText();
            int most = output.isJson() ? LISTED_AS_JSON : LISTED;
            for (String kind : List.of("refusals", "conflicts")) {
                String count = kind.equals("refusals") ? "refused" : kind;
                boolean some = status.path("report").path(count).asInt() > 0;
                status.set(kind, Json.of(some ? datasets.importFiles(project, id, kind, most) : List.of()));
            }
        }
        output.item(status, sentences(status));
    }

    /** The state of an import, or what it did if it has succeeded. */
    private static String sentences(JsonNode status) {
        String id = status.path("id").asText();
        return switch (status.path("state").asText()) {
            case "SUCCEEDED" ->
                reported(status.path("report"))
                        + files(
                                status.path("refusals"),
                                status.at("/report/refused").asInt(),
                                ImportCommand::reason)
                        + files(
                                status.path("conflicts"),
                                status.at("/report/conflicts").asInt(),
                                ImportCommand::conflict);
            case "FAILED" ->
                "Import " + id + " failed: " + status.at("/reason/message").asText();
            case "CANCELLED" -> "Import " + id + " was cancelled.";
            case String state ->
                "Import " + id + " is " + state.toLowerCase(java.util.Locale.ROOT) + ": "
                        + status.at("/progress/done").asInt() + " of "
                        + Output.count(status.at("/progress/total").asInt(), "file")
                        + (status.has("reason")
                                ? ". It is retried: "
                                        + status.at("/reason/message").asText()
                                : "");
        };
    }

    /** What an import did. */
    public static String reported(JsonNode report) {
        return Output.count(report.path("added").asInt(), "image") + " added, "
                + report.path("existing").asInt() + " existing, "
                + report.path("changed").asInt() + " changed, "
                + Output.count(report.path("refused").asInt(), "file") + " refused"
                + described(report);
    }

    private static String inspected(JsonNode inspection) {
        return "An import would read " + Output.count(inspection.path("images").asInt(), "image") + " and "
                + Output.count(inspection.path("masks").asInt(), "mask") + ", and refuse "
                + Output.count(inspection.path("refused").asInt(), "file")
                + described(inspection)
                + files(inspection.path("refusals"), inspection.path("refused").asInt(), ImportCommand::reason);
    }

    private static String described(JsonNode report) {
        StringBuilder text = new StringBuilder();
        if (!report.path("description").asText().isEmpty()) {
            text.append("\n  Format: ").append(report.path("description").asText());
            if (!report.path("root").asText().isEmpty()) {
                text.append(" (in '").append(report.path("root").asText()).append("')");
            }
        }
        report.at("/counts/bySplit").properties().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(split -> text.append("\n  ")
                        .append(String.format("%-10s ", split.getKey()))
                        .append(labels(split.getValue())));
        report.path("warnings").forEach(warning -> text.append("\n  Warning: ")
                .append(warning.path("message").asText())
                .append(warning.path("code").asText().equals("UNLABELLED") ? "; or import with --label LABEL" : ""));
        return text.toString();
    }

    /** By name: the stored report does not keep their order. */
    private static String labels(JsonNode counts) {
        return counts.properties().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(label -> label.getKey() + "=" + label.getValue().asText())
                .collect(Collectors.joining(" "));
    }

    private static String reason(JsonNode file) {
        return file.path("reason").asText();
    }

    private static String conflict(JsonNode file) {
        return "given " + Output.text(file.path("given")) + ", stored " + Output.text(file.path("stored"))
                + "; --relabel replaces the stored values";
    }

    private static String files(JsonNode files, int count, Function<JsonNode, String> text) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < Math.min(LISTED, files.size()); i++) {
            lines.append("\n  ")
                    .append(files.get(i).path("name").asText())
                    .append(": ")
                    .append(text.apply(files.get(i)));
        }
        if (count > LISTED) {
            lines.append("\n  … and ").append(count - LISTED).append(" more (-o json lists them)");
        }
        return lines.toString();
    }
}
