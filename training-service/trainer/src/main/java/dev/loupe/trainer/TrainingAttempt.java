package dev.loupe.trainer;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.BackboneFile;
import dev.loupe.contracts.training.TrainerSpec.BackboneRef;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Hog;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/** Trains a model, evaluates it on the TEST images, and uploads its package. */
final class TrainingAttempt extends Attempt {
    private final Path recipes;

    /**
     * @param recipes folder with jars of further recipes, null for none
     */
    TrainingAttempt(
            TrainerSpec spec, ObjectStore store, DatasetFetch fetch, Reports reports, Path scratch, Path recipes) {
        super(spec, store, fetch, reports, scratch);
        this.recipes = recipes;
    }

    @Override
    TrainerResult succeed() throws IOException {
        DatasetManifest manifest = fetch.manifest(spec.manifest());
        List<TrainingImage> images = fetch.images(manifest, EnumSet.allOf(Split.class));

        long start = System.nanoTime();
        TrainingJob job = job(manifest, images);
        TrainedModel model = train(job);
        ModelPackage made = Packager.pack(
                model,
                images,
                Provenance.datasetVersion(spec, manifest),
                Provenance.lineage(spec, job.backbones(), model.selection()),
                scratch.resolve("package"));
        double trainSeconds = secondsSince(start);
        reports.check();

        TestResultsUpload results = new TestResultsUpload(spec, store, scratch);
        results.store(manifest, made, model.testPredictions(), model.evaluation());
        StoredFile uploaded = upload(made);
        return new TrainerResult(
                spec.attempt(),
                Outcome.SUCCEEDED,
                null,
                model.metrics(),
                packageKey(ModelPackage.MANIFEST),
                uploaded.sha256(),
                uploaded.size(),
                trainSeconds,
                model.resumedFrom(),
                model.selection());
    }

    private TrainedModel train(TrainingJob job) throws IOException {
        String name = spec.recipe().name();
        try (URLClassLoader jars = RecipeCatalogue.jars(recipes, getClass().getClassLoader())) {
            TrainingRecipe<?> recipe = Recipes.require(name, jars);
            Recipe complete = RecipeCatalogue.with(recipes)
                    .find(name)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "recipe: expected a description of '" + name + "' in " + RecipeCatalogue.RESOURCE))
                    .with(spec.recipe().parameters());
            return recipe.train(job, complete.parameters());
        }
    }

    private Backbone backbone(BackboneRef ref) {
        if (ref.file() != null) {
            return imported(ref.name(), ref.file());
        }
        return switch (ref.name()) {
            case BackboneName.SCATTERING ->
                ref.imageSize() == null ? Scattering.backbone() : Scattering.backbone(ref.imageSize());
            case BackboneName.HOG -> ref.imageSize() == null ? Hog.backbone() : Hog.backbone(ref.imageSize());
            case BackboneName.RANDOM -> RandomBackbones.mobileNet(spec.seed());
            default ->
                throw new IllegalArgumentException(
                        "the spec names the backbone '" + ref.name() + "' and does not say where it is");
        };
    }

    private Backbone imported(String name, BackboneFile source) {
        Path file = fetch.file(source.bucket(), source.key(), source.sha256(), -1);
        Backbone backbone =
                Backbone.imported(BackboneName.imported(name), file, source.scale(), source.mean(), source.std());
        return BackboneName.hasRandomWeights(name)
                ? RandomBackbones.withRandomWeights(backbone, spec.seed())
                : backbone;
    }

    private TrainingJob job(DatasetManifest manifest, List<TrainingImage> images) {
        return new TrainingJob(
                images,
                labels(manifest),
                spec.backbones().stream().map(this::backbone).toList(),
                spec.seed(),
                spec.threads(),
                scratch,
                reports,
                new StoredCheckpoints(store, spec.output(), scratch));
    }

    private static List<String> labels(DatasetManifest manifest) {
        return manifest.task() == Task.ANOMALY_DETECTION
                ? List.of(DatasetManifest.NORMAL, DatasetManifest.ABNORMAL)
                : manifest.classes();
    }

    /** Uploads the package. The manifest is written last: if it exists, all files that it names exist. */
    private StoredFile upload(ModelPackage made) {
        int done = 0;
        int total = made.files().size() + 1;
        for (String path : made.files().keySet()) {
            reports.report("upload", done++, total, Map.of());
            put(made, path, "application/octet-stream");
        }
        reports.report("upload", done, total, Map.of());
        put(made, ModelPackage.MANIFEST, "application/json");
        return ModelPackage.describe(made.folder().resolve(ModelPackage.MANIFEST));
    }

    private void put(ModelPackage made, String path, String contentType) {
        store.put(
                new ObjectLocation(spec.output().bucket(), packageKey(path)),
                made.folder().resolve(path),
                contentType);
    }

    private String packageKey(String path) {
        return spec.output().prefix() + "package/" + path;
    }
}
