package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import java.util.Locale;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "learning-curve",
        description = {
            "Shows whether more TRAIN images would help: the accuracy on DEV of linear heads",
            "that have learned from parts of TRAIN, and what twice as many images are expected to gain."
        },
        mixinStandardHelpOptions = true)
final class LearningCurveCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "RUN", description = "its id")
    private String run;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            JsonNode curve = connection.training().learningCurve(run);
            Output output = server.output();
            if (output.isJson()) {
                output.item(curve, "");
                return;
            }
            if (curve.path("skipped").isObject()) {
                output.item(
                        curve,
                        "The learning curve was not measured: "
                                + curve.at("/skipped/message").asText() + ".");
                return;
            }
            output.list(
                    StreamSupport.stream(curve.path("points").spliterator(), false)
                            .toList(),
                    Column.of("TRAIN IMAGES", "images"),
                    new Column("ACCURACY", point -> Figures.text(point.at("/accuracy/value"))),
                    new Column("95 % INTERVAL", point -> Figures.interval(point.path("accuracy"))));
            System.out.println(gain(curve));
        }
    }

    private static String gain(JsonNode curve) {
        JsonNode gain = curve.path("gainOfDoubling");
        JsonNode sufficient = curve.path("sufficientImages");
        String expected = String.format(
                Locale.ROOT,
                "Twice as many TRAIN images are expected to gain %.1f percentage points (95 %%: %.1f to %.1f).",
                100 * gain.path("value").asDouble(),
                100 * gain.path("low").asDouble(),
                100 * gain.path("high").asDouble());
        return sufficient.isNumber()
                ? expected + " From about " + sufficient.asInt() + " on, it is less than 0.5."
                : expected;
    }
}
