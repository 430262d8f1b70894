package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "evaluation",
        description = {
            "Shows how well the model of a run does on the TEST images: metrics with their 95 %% intervals,",
            "figures of each label and kind of defect, the curve of a memory, the most frequent confusions. With -o json, all",
            "curves."
        },
        mixinStandardHelpOptions = true)
final class EvaluationCommand implements Runnable {
    private static final int MAX_CONFUSIONS = 20;

    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "RUN", description = "its id")
    private String run;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            JsonNode evaluation = connection.training().evaluation(run);
            Output output = server.output();
            if (output.isJson()) {
                output.item(evaluation, "");
                return;
            }
            print(output, evaluation);
        }
    }

    /** Prints the figures of an evaluation for people. */
    static void print(Output output, JsonNode evaluation) {
        metrics(output, evaluation);
        System.out.println();
        labels(output, evaluation.at("/report/classes"));
        defects(output, evaluation.at("/report/detection"));
        products(output, evaluation.at("/report/detection/products"));
        memory(output, evaluation.at("/report/detection/memoryCurve"));
        confusions(output, evaluation.at("/report/confusion"));
        JsonNode temperature = evaluation.at("/report/calibration/temperature");
        if (temperature.isObject()) {
            System.out.println("Temperature from "
                    + Output.count(temperature.path("devImages").asInt(), "DEV image")
                    + ": " + Figures.text(temperature.path("value")) + ", with it the calibration error is "
                    + Figures.text(temperature.path("ece")) + ".");
        }
    }

    private static void metrics(Output output, JsonNode evaluation) {
        JsonNode control = evaluation.at("/control/metrics");
        List<JsonNode> rows = new ArrayList<>();
        evaluation
                .at("/report/metrics")
                .properties()
                .forEach(metric -> rows.add(((ObjectNode) metric.getValue())
                        .put("name", metric.getKey())
                        .put("control", Figures.text(control.path(metric.getKey())))));
        output.list(
                rows,
                Column.of("METRIC", "name"),
                new Column("VALUE", metric -> Figures.text(metric.path("value"))),
                new Column("95 % INTERVAL", Figures::interval),
                Column.of("CONTROL", "control"));
    }

    private static void labels(Output output, JsonNode classes) {
        output.list(
                StreamSupport.stream(classes.spliterator(), false).toList(),
                Column.of("LABEL", "label"),
                Column.of("IMAGES", "support"),
                figure("PRECISION", "precision"),
                figure("RECALL", "recall"),
                figure("F1", "f1"),
                figure("AUROC", "auroc"),
                figure("AVERAGE PRECISION", "averagePrecision"));
    }

    private static void defects(Output output, JsonNode detection) {
        JsonNode pixels = detection.path("localization");
        if (detection.path("defects").isEmpty() && pixels.isMissingNode()) {
            return;
        }
        System.out.println();
        if (!detection.path("defects").isEmpty()) {
            output.list(
                    StreamSupport.stream(detection.path("defects").spliterator(), false)
                            .toList(),
                    Column.of("DEFECT", "defect"),
                    Column.of("IMAGES", "images"),
                    Column.of("FOUND", "found"),
                    Column.of("REGIONS", "regions"),
                    figure("AUPRO", "aupro"));
        }
        if (pixels.isObject()) {
            int without = pixels.path("withoutMask").asInt();
            System.out.println("Metrics of pixels are measured on "
                    + Output.count(pixels.path("images").asInt(), "image") + " with "
                    + Output.count(pixels.path("regions").asInt(), "region") + " of defects"
                    + (without == 0
                            ? "."
                            : "; without a mask, and left out: " + Output.count(without, "abnormal image") + "."));
        }
    }

    private static void products(Output output, JsonNode products) {
        if (products.isEmpty()) {
            return;
        }
        System.out.println();
        output.list(
                StreamSupport.stream(products.spliterator(), false).toList(),
                Column.of("PRODUCT", "product"),
                Column.of("NORMAL", "normal"),
                Column.of("FALSE ALARMS", "falseAlarms"),
                Column.of("ABNORMAL", "abnormal"),
                Column.of("MISSES", "misses"),
                new Column("AUROC", product -> Figures.text(product.at("/auroc/value"))),
                new Column("95 % INTERVAL", product -> Figures.interval(product.path("auroc"))),
                Column.of("NEAREST MEMORY", "nearest"));
    }

    private static void memory(Output output, JsonNode curve) {
        if (!curve.isObject()) {
            return;
        }
        System.out.println();
        output.list(
                StreamSupport.stream(curve.path("points").spliterator(), false).toList(),
                Column.of("PATCHES IN MEMORY", "patches"),
                figure(
                        curve.path("metric").asText().equals("auroc") ? "AUROC ON DEV" : "MEAN DISTANCE ON DEV",
                        "value"));
        System.out.println(curve.path("note").asText());
    }

    private static void confusions(Output output, JsonNode confusion) {
        List<JsonNode> wrong = StreamSupport.stream(confusion.spliterator(), false)
                .filter(cell -> !cell.path("truth").equals(cell.path("predicted")))
                .sorted(Comparator.comparingInt(
                                (JsonNode cell) -> cell.path("images").asInt())
                        .reversed())
                .limit(MAX_CONFUSIONS)
                .toList();
        System.out.println();
        if (!wrong.isEmpty()) {
            output.list(
                    wrong,
                    Column.of("TRUTH", "truth"),
                    Column.of("PREDICTED", "predicted"),
                    Column.of("IMAGES", "images"));
        }
    }

    private static Column figure(String title, String field) {
        return new Column(title, item -> Figures.text(item.path(field)));
    }
}
