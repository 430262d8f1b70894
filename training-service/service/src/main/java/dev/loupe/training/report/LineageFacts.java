package dev.loupe.training.report;

import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.evaluation.EvaluationReport.Temperature;
import dev.loupe.contracts.training.Control;
import dev.loupe.model.ModelManifest;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.run.Run;
import java.util.ArrayList;
import java.util.List;

/** Where a model, its images and its figures come from. */
final class LineageFacts {
    private final List<Fact> facts = new ArrayList<>();

    private LineageFacts() {}

    static List<Fact> of(ReportSources sources) {
        LineageFacts lineage = new LineageFacts();
        lineage.model(sources);
        lineage.training(sources);
        lineage.evaluation(sources);
        return List.copyOf(lineage.facts);
    }

    private void model(ReportSources sources) {
        Evaluation evaluation = sources.evaluation();
        add("Project", evaluation.model().project());
        add("Task", sources.report().task());
        add("Model version", sources.modelVersion());
        add("Digest of the model file", evaluation.model().sha256());
        ModelManifest model = sources.lineage().model();
        if (model != null) {
            add(
                    "Size of the package",
                    model.files().values().stream()
                                    .mapToLong(ModelManifest.StoredFile::size)
                                    .sum()
                            + " bytes");
            if (model.lineage() != null && model.lineage().backbone() != null) {
                add("Digest of the backbone", model.lineage().backbone().sha256());
            }
            if (model.lineage() != null && model.lineage().extension() != null) {
                add("Extends the model of run", model.lineage().extension().runId());
                add("Memory extended by", model.lineage().extension().images().size() + " normal images in all");
            }
        }
    }

    private void training(ReportSources sources) {
        Evaluation evaluation = sources.evaluation();
        add(
                "Run that trained it",
                evaluation.model().runId() + ", attempt " + evaluation.model().attempt());
        FrozenVersion version = sources.lineage().version();
        if (version != null) {
            add("Learned from", "dataset version " + version.number() + " of " + version.projectName());
            add("Digest of the version learned from", version.manifest().sha256());
        }
        add("Recipe", sources.recipe().name());
        sources.recipe().parameters().forEach((name, value) -> add("Parameter " + name, value));
        add("Seed", sources.run().settings().seed());
        Run trained = sources.lineage().trained();
        if (trained != null && trained.outcome().selection() != null) {
            add(
                    "Chosen candidate",
                    trained.outcome().selection().chosen() + ": "
                            + trained.outcome().selection().reason());
        }
        if (trained != null && trained.outcome().trainSeconds() != null) {
            add("Time of training", Math.round(trained.outcome().trainSeconds()) + " s");
        }
    }

    private void evaluation(ReportSources sources) {
        Evaluation evaluation = sources.evaluation();
        if (!sources.ofTraining()) {
            add("Evaluation", sources.run().id());
        }
        add(
                "Evaluated on",
                FigureText.testImages(sources.report().images()) + " of dataset version "
                        + evaluation.data().number() + " of "
                        + sources.run().data().project());
        add("Digest of the version evaluated on", evaluation.data().sha256());
        add("Digest of the TEST images", evaluation.data().testDigest());
        add("TEST images that the model has learned from", sources.knownImages());
        add("Evaluated by trainer", evaluation.model().trainerVersion());
        add("Evaluated at", evaluation.evaluatedAt());
        Control control = sources.made().control();
        if (control != null) {
            add("Control", control.name() + ", learned from " + control.trainImages() + " TRAIN images");
        }
        if (sources.report().calibration() != null) {
            temperature(sources.report().calibration().temperature());
        }
    }

    private void temperature(Temperature temperature) {
        if (temperature != null) {
            add(
                    "Temperature",
                    "%s, from %d DEV images: with it, the expected calibration error is %s and the log loss %s; the model does not apply it"
                            .formatted(
                                    FigureText.number(temperature.value()),
                                    temperature.devImages(),
                                    FigureText.number(temperature.ece()),
                                    FigureText.number(temperature.logLoss())));
        }
    }

    private void add(String name, Object value) {
        if (value != null) {
            facts.add(new Fact(name, value.toString()));
        }
    }
}
