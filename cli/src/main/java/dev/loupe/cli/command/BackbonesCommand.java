package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "backbones",
        description = "Lists backbones, or imports one.",
        mixinStandardHelpOptions = true,
        subcommands = GetBackboneCommand.class)
public final class BackbonesCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Override
    public void run() {
        list(server);
    }

    @Command(name = "list", description = "Lists all backbones.", mixinStandardHelpOptions = true)
    void list(@Mixin ServerOptions options) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.training().backbones(),
                            Column.of("NAME", "name"),
                            new Column("FEATURE MAPS", BackbonesCommand::featureMaps),
                            Column.of("BYTES", "size"),
                            Column.of("SHA256", "sha256"));
        }
    }

    private static String featureMaps(JsonNode backbone) {
        return StreamSupport.stream(backbone.path("featureMaps").spliterator(), false)
                .map(map ->
                        map.path("name").asText() + " " + map.path("channels").asInt() + "/"
                                + map.path("stride").asInt())
                .collect(Collectors.joining(", "));
    }

    @Command(name = "import", description = "Imports an ONNX network as a backbone.", mixinStandardHelpOptions = true)
    void importFile(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "FILE", description = "an ONNX network") Path file,
            @Option(names = "--name", paramLabel = "NAME", description = "(default: made from the file's name)")
                    String name,
            @Mixin BackboneInputOptions input) {
        try (Connection connection = options.connect()) {
            String chosen = name == null ? nameOf(file) : name;
            JsonNode backbone = connection.training().importBackbone(file, chosen, input.input());
            options.output()
                    .item(
                            backbone,
                            "Imported '" + chosen + "' (" + featureMaps(backbone)
                                    + "). Use it: ./loupe train PROJECT --backbone " + chosen);
        }
    }

    /** {@code Mobilenet_V2.onnx} becomes {@code mobilenet-v2}. */
    public static String nameOf(Path file) {
        return file.getFileName()
                .toString()
                .replaceFirst("(?i)\\.onnx$", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
    }
}
