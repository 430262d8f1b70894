package dev.loupe.training.report;

import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.model.ModelManifest;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.result.RunEvaluation;
import dev.loupe.training.result.TestResult;
import dev.loupe.training.run.PackagedModel;
import dev.loupe.training.run.Run;
import java.util.List;

/**
 * What a report is made from.
 *
 * @param run run that made the evaluation
 * @param made the evaluation and its control
 * @param lineage what is known of the model
 * @param results predictions for the TEST images, empty if they are not stored
 */
record ReportSources(Run run, RunEvaluation made, Lineage lineage, List<TestResult> results) {

    /**
     * What is known of the model. Each part is null if it was deleted.
     *
     * @param trained run that trained it
     * @param version dataset version that it has learned from
     * @param images the images of that version
     * @param model manifest of its package
     */
    record Lineage(Run trained, FrozenVersion version, DatasetManifest images, ModelManifest model) {}

    Evaluation evaluation() {
        return made.evaluation();
    }

    EvaluationReport report() {
        return made.evaluation().report();
    }

    /** Whether the run trained the model that it evaluates. */
    boolean ofTraining() {
        return run.data().model() == null;
    }

    /** Number of TEST images that the model has learned from. */
    int knownImages() {
        PackagedModel model = run.data().model();
        return model == null ? 0 : model.knownImages();
    }

    /** Number of the model version, null if it is not known. */
    Integer modelVersion() {
        return ofTraining() ? run.outcome().modelVersion() : run.data().model().version();
    }

    /** The recipe that the model was asked for. */
    Recipe recipe() {
        return lineage.trained() == null
                ? run.settings().recipe()
                : lineage.trained().settings().recipe();
    }

    /** The model in a few words. */
    String modelName() {
        String project = evaluation().model().project();
        return modelVersion() == null
                ? project + ", model of run " + evaluation().model().runId()
                : project + ", model version " + modelVersion();
    }
}
