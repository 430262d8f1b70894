package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "compare",
        description = {
            "Compares two runs with the same TEST images, image by image: difference in accuracy with its interval,",
            "McNemar's test, and the images that they predict different labels for."
        },
        mixinStandardHelpOptions = true)
final class CompareCommand implements Runnable {
    private static final int MAX_IMAGES = 1000;

    @Mixin
    private ServerOptions server;

    @Parameters(index = "0", paramLabel = "RUN", description = "its id")
    private String run;

    @Parameters(index = "1", paramLabel = "OTHER", description = "the id of the other run")
    private String other;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "the first N images, at most " + MAX_IMAGES + " (default: ${DEFAULT-VALUE})")
    private int limit;

    @Override
    public void run() {
        if (limit < 1 || limit > MAX_IMAGES) {
            throw new UsageException("--limit: expected 1 to " + MAX_IMAGES + ", got " + limit);
        }
        try (Connection connection = server.connect()) {
            JsonNode comparison = connection.training().comparison(run, other, limit);
            Output output = server.output();
            output.item(comparison, summary(comparison));
            if (!output.isJson() && !comparison.path("items").isEmpty()) {
                System.out.println();
                output.list(
                        StreamSupport.stream(comparison.path("items").spliterator(), false)
                                .toList(),
                        Column.of("IMAGE", "name"),
                        Column.of("TRUTH", "truth"),
                        Column.of("OUTCOME", "outcome"),
                        Column.of("RUN", "predicted"),
                        Column.of("SCORE", "score"),
                        Column.of("OTHER", "otherPredicted"),
                        Column.of("SCORE", "otherScore"));
            }
        }
    }

    private static String summary(JsonNode comparison) {
        return """
                Accuracy: %s of RUN, %s of OTHER; difference %s, 95 %% interval %s
                Right predictions: %s of both, %s of RUN only, %s of OTHER only, %s of neither
                McNemar's exact test: p = %s
                Images with different predictions: %s""".formatted(
                        Figures.text(comparison.path("accuracy")),
                        Figures.text(comparison.path("otherAccuracy")),
                        Figures.text(comparison.at("/difference/value")),
                        Figures.interval(comparison.path("difference")),
                        comparison.path("bothRight"),
                        comparison.path("onlyRunRight"),
                        comparison.path("onlyOtherRight"),
                        comparison.path("bothWrong"),
                        Output.text(comparison.path("pValue")),
                        comparison.path("total"));
    }
}
