package dev.loupe.training.run;

import com.google.protobuf.ByteString;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.PredictionCounts;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.events.v1.LabelCount;
import dev.loupe.events.v1.LabelsChecked;
import dev.loupe.events.v1.ModelEvaluated;
import dev.loupe.events.v1.ModelOrigin;
import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.events.v1.Task;
import dev.loupe.events.v1.TestCounts;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.training.catalogue.RecipeLookup;
import dev.loupe.training.catalogue.RecipeLookup.RecipeBackbone;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import jakarta.enterprise.context.ApplicationScoped;

/** Publishes the events for a model package that a run has produced or evaluated, and for labels that it has checked. */
@ApplicationScoped
class ProducedPackages {
    private static final String TOPIC = "loupe.training";
    private static final String TYPE = "dev.loupe.model-package-produced.v1";
    private static final String LABELS_CHECKED = "dev.loupe.labels-checked.v1";
    private static final String EVALUATED = "dev.loupe.model-evaluated.v1";

    private final Outbox outbox;
    private final FrozenVersions versions;
    private final StorageConfig storage;
    private final RecipeLookup recipes;

    ProducedPackages(Outbox outbox, FrozenVersions versions, StorageConfig storage, RecipeLookup recipes) {
        this.outbox = outbox;
        this.versions = versions;
        this.storage = storage;
        this.recipes = recipes;
    }

    /** Adds the event to the outbox, in the transaction in which the run becomes SUCCEEDED. */
    void publish(Run run, TrainerResult result) {
        FrozenVersion version = versions.get(run.data().datasetVersionId());
        Recipe recipe = result.selection() == null
                ? run.settings().recipe()
                : result.selection().chosenRecipe();
        ModelPackageProduced.Builder event = ModelPackageProduced.newBuilder()
                .setRunId(run.id().toString())
                .setProjectId(version.projectId().toString())
                .setProjectName(version.projectName())
                .setTask(Task.valueOf(version.task().name()))
                .setManifest(ObjectRef.newBuilder()
                        .setBucket(storage.bucket())
                        .setKey(result.packageKey())
                        .setSha256(result.packageSha256())
                        .setSize(result.packageSize()))
                .setDatasetVersionId(version.id().toString())
                .setDatasetVersionNumber(version.number())
                .setTestDigest(version.testDigest())
                .putAllMetrics(result.metrics())
                .setRecipe(recipe.name())
                .setBackbone(recipes.backbones(recipe).stream()
                        .map(RecipeBackbone::name)
                        .findFirst()
                        .orElse(""))
                .setOrigin(run.settings().kind() == RunKind.IMPORT ? ModelOrigin.IMPORTED : ModelOrigin.TRAINED);
        if (result.testCounts() != null) {
            event.setTestCounts(counts(result.testCounts()));
        }
        outbox.add(TOPIC, version.projectId().toString(), TYPE, event.build().toByteArray());
    }

    /** Adds the event of an evaluation to the outbox, in the transaction in which its run becomes SUCCEEDED. */
    void publishEvaluation(Run run, TrainerResult result) {
        PackagedModel model = run.data().model();
        if (model.projectId() == null) {
            return; // its run was deleted, and with it the model
        }
        FrozenVersion version = versions.get(run.data().datasetVersionId());
        ModelEvaluated.Builder event = ModelEvaluated.newBuilder()
                .setEvaluationId(run.id().toString())
                .setRunId(model.run().toString())
                .setProjectId(model.projectId().toString())
                .setDatasetVersionNumber(version.number())
                .setTestDigest(version.testDigest())
                .putAllMetrics(result.metrics());
        if (result.testCounts() != null) {
            event.setTestCounts(counts(result.testCounts()));
        }
        outbox.add(TOPIC, model.projectId().toString(), EVALUATED, event.build().toByteArray());
    }

    private static TestCounts counts(PredictionCounts counts) {
        TestCounts.Builder event = TestCounts.newBuilder().setImages(counts.images());
        counts.labels()
                .forEach((label, count) -> event.putLabels(
                        label,
                        LabelCount.newBuilder()
                                .setImages(count.images())
                                .setRight(count.right())
                                .build()));
        if (counts.rightImages() != null) {
            event.setRightImages(ByteString.copyFrom(counts.rightImages()));
        }
        return event.build();
    }

    /** Adds the event of checked labels to the outbox, in the transaction in which the run becomes SUCCEEDED. */
    void publishLabelIssues(Run run, StoredDocument issues) {
        FrozenVersion version = versions.get(run.data().datasetVersionId());
        LabelsChecked event = LabelsChecked.newBuilder()
                .setRunId(run.id().toString())
                .setProjectId(version.projectId().toString())
                .setDatasetVersionNumber(version.number())
                .setIssues(ObjectRef.newBuilder()
                        .setBucket(issues.location().bucket())
                        .setKey(issues.location().key())
                        .setSha256(issues.sha256())
                        .setSize(issues.size()))
                .build();
        outbox.add(TOPIC, version.projectId().toString(), LABELS_CHECKED, event.toByteArray());
    }
}
