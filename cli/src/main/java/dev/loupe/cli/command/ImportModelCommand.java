package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.ImportedModels.Upload;
import dev.loupe.contracts.training.ImageFraming;
import dev.loupe.contracts.training.ImageFraming.ChannelOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = {
            "Imports a classifier that was trained elsewhere, as an ONNX file.",
            "The server checks it, evaluates it on the TEST images of a dataset version, and makes a model version of it."
        },
        mixinStandardHelpOptions = true)
final class ImportModelCommand implements Callable<Integer> {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "FILE", description = "an ONNX network with an output [n, labels]")
    private Path file;

    @Option(names = "--project", paramLabel = "PROJECT", required = true, description = "its name or id")
    private String project;

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            required = true,
            description = "a text file with one label in each line, in the order of the outputs")
    private Path labels;

    @Option(names = "--name", paramLabel = "NAME", description = "(default: made from the file's name)")
    private String name;

    @Mixin
    private BackboneInputOptions input;

    @Option(
            names = "--input-size",
            paramLabel = "N",
            description = "side of the square that images are resized to (default: that of the file)")
    private Integer inputSize;

    @Option(
            names = "--model-output",
            paramLabel = "NAME",
            description = "the output with the scores of the labels (default: the only one that fits)")
    private String modelOutput;

    @Option(
            names = "--fit",
            paramLabel = "HOW",
            defaultValue = "stretch",
            description = {
                "what is done about another aspect ratio than that of its input:",
                "stretch, pad with grey, or crop to the middle (default: ${DEFAULT-VALUE})"
            })
    private String fit;

    @Option(
            names = "--center-crop",
            paramLabel = "SHARE",
            defaultValue = "1",
            description = {
                "share of the width and height of an image that it sees, in the middle;",
                "0.875 with --fit crop is torchvision's resize to 256 and crop to 224 (default: ${DEFAULT-VALUE})"
            })
    private double centerCrop;

    @Option(
            names = "--channel-order",
            paramLabel = "ORDER",
            defaultValue = "RGB",
            description = {
                "RGB, or BGR as networks that came from Caffe or OpenCV take them;",
                "--mean and --std are always given in the order R, G, B (default: ${DEFAULT-VALUE})"
            })
    private ChannelOrder channelOrder;

    @Option(
            names = "--on",
            paramLabel = "N",
            description = "the number of the dataset version to evaluate it on (default: the newest)")
    private Integer datasetVersion;

    @Option(
            names = "--wait",
            description = "show progress until it is over and the version is ready; the exit code tells how it ended")
    private boolean wait;

    @Override
    public Integer call() {
        List<String> names = readLabels();
        try (Connection connection = server.connect()) {
            VersionsCommand.require(connection, project, datasetVersion);
            String chosen = name == null ? BackbonesCommand.nameOf(file) : name;
            Upload upload = new Upload(project, chosen, names, input.input(), inputSize, modelOutput, framing());
            JsonNode model = connection.importedModels().upload(file, upload);
            JsonNode run = connection.importedModels().start(model.path("id").asText(), datasetVersion);
            if (wait) {
                return follow(connection, model, run.path("id").asText());
            }
            String id = run.path("id").asText();
            server.output()
                    .item(run, sentence(model) + "\nRun " + id + " is queued. Follow it: ./loupe logs " + id + " -f");
            return 0;
        }
    }

    private int follow(Connection connection, JsonNode model, String run) {
        JsonNode over;
        try (RunProgress progress = new RunProgress(System.err)) {
            over = connection.training().follow(run, progress);
        }
        if (!over.path("state").asText().equals("SUCCEEDED")) {
            server.output().item(over, TrainCommand.sentence(over));
            return 1;
        }
        int version =
                connection.models().awaitReady(project, run).path("number").asInt();
        ((ObjectNode) over).put("modelVersion", version);
        server.output()
                .item(
                        over,
                        sentence(model) + "\nEvaluated on dataset version "
                                + over.path("datasetVersion").asInt() + ": " + Output.metrics(over.path("metrics"))
                                + "\nVersion " + version + " of '" + project + "' is ready. Serve it: ./loupe promote "
                                + project + " " + version);
        return 0;
    }

    private ImageFraming framing() {
        try {
            return new ImageFraming(fit, centerCrop, channelOrder);
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage());
        }
    }

    private List<String> readLabels() {
        try {
            return Files.readAllLines(labels).stream()
                    .map(String::strip)
                    .filter(label -> !label.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new CommandException(labels + ": cannot be read as text with one label in each line: " + e);
        }
    }

    private static String sentence(JsonNode model) {
        return "Imported '%s': images of %d x %d pixels, %d labels, an output of %s"
                .formatted(
                        model.path("name").asText(),
                        model.path("width").asInt(),
                        model.path("height").asInt(),
                        model.path("labels").size(),
                        model.path("scores").asText().equals("LOGITS") ? "logits" : "probabilities");
    }
}
