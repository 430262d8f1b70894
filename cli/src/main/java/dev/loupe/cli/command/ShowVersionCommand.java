package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Models;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "show",
        description = {
            "Shows one version: its state and metrics, and how it does with 8-bit integers (int8) on the DEV images,",
            "compared with 32-bit floats (fp32)."
        },
        mixinStandardHelpOptions = true)
final class ShowVersionCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Parameters(paramLabel = "VERSION", description = "its number")
    private int version;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            Models models = connection.models();
            ObjectNode shown = (ObjectNode) models.version(project, version);
            JsonNode quantization = models.quantization(project, version);
            shown.set("quantization", quantization);
            Output output = server.output();
            if (output.isJson()) {
                output.item(shown, "");
                return;
            }
            output.list(
                    List.of(shown),
                    Column.of("VERSION", "number"),
                    Column.of("STATE", "state"),
                    Column.of("PRECISION", "precision"),
                    Column.of("METRICS", "metrics"),
                    Column.of("RECIPE", "recipe"),
                    Column.of("BACKBONE", "backbone"),
                    Column.time("CREATED", "createdAt"));
            System.out.println(text(quantization));
        }
    }

    private static String text(JsonNode quantization) {
        String outcome = quantization.path("accepted").asBoolean()
                ? "int8 is in the package"
                : "int8 is not in the package: " + quantization.path("reason").asText();
        if (!quantization.path("metric").isTextual()) {
            return outcome;
        }
        return String.format(
                Locale.ROOT,
                "%s%n%s on %s: fp32 %s, int8 %s; decisions agree on %.1f %%",
                outcome,
                quantization.path("metric").asText(),
                Output.count(quantization.path("images").asInt(), "DEV image"),
                Figures.text(quantization.path("fp32")),
                Figures.text(quantization.path("int8")),
                100 * quantization.path("agreement").asDouble());
    }
}
