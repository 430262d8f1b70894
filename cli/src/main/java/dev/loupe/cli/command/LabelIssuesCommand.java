package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import java.util.List;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "label-issues",
        description = {
            "Shows the TRAIN and DEV images whose labels a run found to be probably wrong.",
            "The image whose label is least probable is first."
        },
        mixinStandardHelpOptions = true)
final class LabelIssuesCommand implements Runnable {
    private static final int MAX_LIMIT = 1000;

    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "RUN", description = "its id")
    private String run;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "the first N, 1 to " + MAX_LIMIT + " (default: ${DEFAULT-VALUE})")
    private int limit;

    @Override
    public void run() {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new UsageException("--limit: expected 1 to " + MAX_LIMIT + ", got " + limit);
        }
        try (Connection connection = server.connect()) {
            JsonNode found = connection.training().labelIssues(run, limit);
            Output output = server.output();
            if (output.isJson()) {
                output.item(found, "");
                return;
            }
            if (found.has("skipped")) {
                output.item(
                        found,
                        "The labels were not checked: "
                                + found.at("/skipped/message").asText() + ".");
                return;
            }
            output.list(
                    StreamSupport.stream(found.path("items").spliterator(), false)
                            .toList(),
                    Column.whole("SHA256", "sha256"),
                    Column.of("IMAGE", "name"),
                    Column.of("LABEL", "label"),
                    new Column("PROBABILITY", issue -> Figures.text(issue.path("labelProbability"))),
                    Column.of("LIKELIER", "likelyLabel"),
                    new Column("PROBABILITY", issue -> Figures.text(issue.path("likelyProbability"))));
            System.out.println(found.path("total") + " of "
                    + Output.count(found.path("images").asInt(), "image") + ": the label is probably wrong.");
            List<String> leftOut = StreamSupport.stream(found.path("leftOut").spliterator(), false)
                    .map(JsonNode::asText)
                    .toList();
            if (!leftOut.isEmpty()) {
                System.out.println("Not checked, with too few images: " + String.join(", ", leftOut));
            }
        }
    }
}
