package dev.loupe.trainer;

import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.Selection;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.model.ModelManifest.BackboneRef;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.BuiltInBackbones;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Determines the provenance of a model, as recorded in its package. */
final class Provenance {
    private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

    private Provenance() {}

    static DatasetVersion datasetVersion(TrainerSpec spec, DatasetManifest manifest) {
        return new DatasetVersion(
                manifest.versionId(), manifest.number(), spec.manifest().sha256(), manifest.testDigest());
    }

    /**
     * @param backbones backbones of the job
     * @param selection how the recipe chose among others, null if it did not
     */
    static Lineage lineage(TrainerSpec spec, List<Backbone> backbones, Selection selection) {
        Map<String, Object> recipe = fields(spec.recipe());
        Backbone used = backbones.isEmpty() ? null : backbones.getFirst();
        if (selection != null) {
            recipe.put("chosen", fields(selection.chosenRecipe()));
            used = backbone(backbones, selection.chosenRecipe().parameters());
        }
        BackboneRef backbone = used == null ? null : new BackboneRef(used.name(), used.sha256());
        return new Lineage(
                spec.runId(),
                spec.attempt(),
                spec.projectId(),
                spec.projectName(),
                recipe,
                spec.seed(),
                backbone,
                version(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /** The backbone of a chosen recipe, null if it has none; one of another size than the job's is made again. */
    private static Backbone backbone(List<Backbone> backbones, Map<String, Object> chosen) {
        if (chosen.get("backbone") instanceof String name && chosen.get("imageSize") instanceof Integer side) {
            return BuiltInBackbones.of(name, side);
        }
        return backbones.stream()
                .filter(one -> one.name().equals(chosen.get("backbone")))
                .findFirst()
                .orElse(null);
    }

    private static Map<String, Object> fields(Recipe recipe) {
        return Json.MAPPER.copy().setDefaultPropertyInclusion(Include.NON_NULL).convertValue(recipe, FIELDS);
    }

    /** The evaluation of a model, which the run has trained or not, on the TEST images of the run's dataset version. */
    static Evaluation evaluation(
            TrainerSpec spec, DatasetManifest manifest, ModelPackage model, EvaluationReport report) {
        Lineage lineage = model.manifest().lineage();
        return new Evaluation(
                Evaluation.FORMAT,
                new Evaluation.EvaluatedModel(
                        lineage.runId(),
                        lineage.attempt(),
                        lineage.projectName(),
                        model.files().get(ModelPackage.MODEL).sha256(),
                        version()),
                new Evaluation.EvaluationData(
                        manifest.versionId(),
                        manifest.number(),
                        spec.manifest().sha256(),
                        manifest.testDigest(),
                        Split.TEST),
                report,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /** The version of this program. */
    static String version() {
        return Objects.requireNonNullElse(Trainer.class.getPackage().getImplementationVersion(), "unknown");
    }
}
