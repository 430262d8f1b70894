package dev.loupe.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.report.Report.Fact;
import java.util.ArrayList;
import java.util.List;

/** What a model is, and how it came about. */
final class ModelCard {
    private ModelCard() {}

    static List<Fact> facts(JsonNode run, JsonNode evaluation) {
        List<Fact> facts = new ArrayList<>();
        JsonNode report = evaluation.path("report");
        add(facts, "Project", evaluation.at("/model/project").asText());
        add(facts, "Task", report.path("task").asText());
        boolean training = run.path("id").equals(evaluation.at("/model/runId"));
        if (!training) {
            add(facts, "Evaluation", run.path("id").asText());
        }
        add(
                facts,
                "Run that trained it",
                evaluation.at("/model/runId").asText() + ", attempt "
                        + evaluation.at("/model/attempt").asText());
        add(facts, "Dataset version", evaluation.at("/data/number").asText());
        add(facts, "Digest of its manifest", evaluation.at("/data/sha256").asText());
        add(
                facts,
                "Evaluated on",
                report.path("images").asText() + " images of "
                        + evaluation.at("/data/split").asText());
        add(
                facts,
                "Digest of the TEST images",
                evaluation.at("/data/testDigest").asText());
        add(facts, "Recipe", run.at("/recipe/name").asText());
        run.at("/recipe/parameters").properties().forEach(parameter -> {
            if (!parameter.getValue().isNull()) {
                add(
                        facts,
                        "Parameter " + parameter.getKey(),
                        parameter.getValue().asText());
            }
        });
        add(facts, "Seed", run.path("seed").asText());
        add(facts, "Digest of the model file", evaluation.at("/model/sha256").asText());
        add(facts, "Trainer", evaluation.at("/model/trainerVersion").asText());
        add(
                facts,
                training ? "Time of training" : "Time of evaluation",
                Math.round(run.path("trainSeconds").asDouble()) + " s");
        add(facts, "Evaluated at", evaluation.path("evaluatedAt").asText());
        JsonNode control = evaluation.path("control");
        if (control.isObject()) {
            add(
                    facts,
                    "Control",
                    "run " + control.path("run").asText() + " with backbone "
                            + control.path("backbone").asText());
        }
        temperature(facts, report.at("/calibration/temperature"));
        return facts;
    }

    private static void temperature(List<Fact> facts, JsonNode temperature) {
        if (temperature.isObject()) {
            add(
                    facts,
                    "Temperature",
                    Figures.text(temperature.path("value")) + ", from "
                            + temperature.path("devImages").asText()
                            + " DEV images: with it, the expected calibration error is "
                            + Figures.text(temperature.path("ece")) + " and the log loss "
                            + Figures.text(temperature.path("logLoss")) + "; the model does not apply it");
        }
    }

    private static void add(List<Fact> facts, String name, String value) {
        facts.add(new Fact(name, value));
    }
}
