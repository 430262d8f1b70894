package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.Sha256;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "extend",
        description = {
            "Extends the memory of a patchcore version by normal images, such as false alarms, and makes a new version.",
            "The images are normal TRAIN images of a dataset version: by default all that the version has not learned from."
        },
        mixinStandardHelpOptions = true)
final class ExtendModelCommand implements Callable<Integer> {
    private static final String DIGEST = "[0-9a-f]{64}";

    @Mixin
    private ServerOptions server;

    @Parameters(index = "0", paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Parameters(index = "1", paramLabel = "VERSION", description = "the number of a model version")
    private int version;

    @Option(
            names = "--images",
            paramLabel = "FILE|SHA256",
            arity = "1..*",
            description = "only these images of the dataset version: files as they were uploaded, or their SHA-256")
    private List<String> images;

    @Option(
            names = "--on",
            paramLabel = "N",
            description = "the number of the dataset version with the images (default: the newest)")
    private Integer datasetVersion;

    @Option(names = "--priority", paramLabel = "N", description = "-100..100: the larger, the sooner (default: 10)")
    private Integer priority;

    @Option(
            names = "--wait",
            description = "show progress until it is over, then the metrics; the exit code tells how it ended")
    private boolean wait;

    @Override
    public Integer call() {
        List<String> digests = images == null
                ? null
                : images.stream().map(ExtendModelCommand::digest).toList();
        try (Connection connection = server.connect()) {
            Training training = connection.training();
            String parent =
                    connection.models().version(project, version).path("runId").asText();
            JsonNode asked = training.extend(parent, datasetVersion, digests, priority);
            String id = asked.path("id").asText();
            if (!wait) {
                server.output()
                        .item(
                                asked,
                                "%s\nRun %s is queued. Follow it: ./loupe logs %s -f"
                                        .formatted(sentence(asked), id, id));
                return 0;
            }
            JsonNode over;
            try (RunProgress progress = new RunProgress(System.err)) {
                over = training.follow(id, progress);
            }
            if (!over.path("state").asText().equals("SUCCEEDED")) {
                server.output().item(over, TrainCommand.sentence(over));
                return 1;
            }
            int made =
                    connection.models().awaitReady(project, id).path("number").asInt();
            ((ObjectNode) over).put("modelVersion", made);
            server.output()
                    .item(
                            over,
                            "%s\nOn the same TEST images: %s\nVersion %d of '%s' is ready. Serve it: ./loupe promote %s %d"
                                    .formatted(
                                            sentence(over),
                                            Output.metrics(over.path("metrics")),
                                            made,
                                            project,
                                            project,
                                            made));
            return 0;
        }
    }

    private String sentence(JsonNode run) {
        JsonNode extended = run.path("extendedModel");
        return "Version %d of '%s' is extended by %s of dataset version %d."
                .formatted(
                        version,
                        project,
                        Output.count(extended.path("images").asLong(), "normal image"),
                        extended.path("imagesVersion").asInt());
    }

    private static String digest(String image) {
        if (image.matches(DIGEST)) {
            return image;
        }
        try {
            Path file = Path.of(image);
            if (!Files.isRegularFile(file)) {
                throw new CommandException(image + ": expected an image file or a SHA-256, got neither");
            }
            return Sha256.of(file);
        } catch (InvalidPathException | IOException e) {
            throw new CommandException(image + ": can't be read: " + e.getMessage());
        }
    }
}
