package dev.loupe.trainer;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import dev.loupe.contracts.training.Control;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.BackboneFile;
import dev.loupe.contracts.training.TrainerSpec.BackboneRef;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.BuiltInBackbones;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.control.ControlTraining;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.recipe.PackagingParameters;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains a model and its control, evaluates both on the TEST images, and uploads the package; of a trial, measures it on DEV alone. */
final class TrainingAttempt extends Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingAttempt.class);

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
        List<TrainingImage> images = fetch.images(
                manifest, spec.devOnly() ? EnumSet.of(Split.TRAIN, Split.DEV) : EnumSet.allOf(Split.class));

        long start = System.nanoTime();
        TrainingJob job = job(manifest, images);
        TrainedModel model = train(job);
        if (spec.devOnly()) {
            reports.check();
            return result(model, secondsSince(start), null);
        }
        ModelPackage made = Packager.pack(
                model,
                images,
                Provenance.datasetVersion(spec, manifest),
                Provenance.lineage(spec, job.backbones(), model.selection()),
                scratch.resolve("package"));
        if (PackagingParameters.of(spec.recipe().parameters()).quantize() == PackagingParameters.Quantize.AUTO) {
            made = Packager.add(quantized(job, model), made);
        }
        double trainSeconds = secondsSince(start);
        reports.check();
        // First of all: what follows may take long, or fail, and the model is not to be lost with it.
        TrainerResult uploaded = upload(manifest, model, made, trainSeconds);
        Control control = spec.withControl() ? control(job, model, trained(model), trainSeconds) : null;
        if (spec.checkLabels()) {
            new ImageChecks(spec, store).run(manifest, job, trained(model), model.testPredictions());
        }
        return uploaded.with(control);
    }

    private Recipe trained(TrainedModel model) {
        return model.selection() == null ? spec.recipe() : model.selection().chosenRecipe();
    }

    /** Trains the control; null if there is none. A control that fails leaves the run without one. */
    private static Control control(TrainingJob job, TrainedModel model, Recipe trained, double trainSeconds) {
        try {
            return ControlTraining.of(job, model, trained, ControlTraining.limit(trainSeconds))
                    .orElse(null);
        } catch (CancelledException | StorageException.Revoked e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError | LinkageError e) {
            LOG.warn("the control could not be trained", e);
            return null;
        }
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

    private List<Backbone> backbones(List<TrainingImage> images, List<String> labels) throws IOException {
        boolean all;
        try (URLClassLoader jars = RecipeCatalogue.jars(recipes, getClass().getClassLoader())) {
            all = Recipes.require(spec.recipe().name(), jars).needsAllBackbones(images, labels);
        }
        return spec.backbones().stream()
                .limit(all ? Long.MAX_VALUE : 1)
                .map(this::backbone)
                .toList();
    }

    private Backbone backbone(BackboneRef ref) {
        if (ref.file() != null) {
            return imported(ref.name(), ref.file());
        }
        return switch (ref.name()) {
            case BackboneName.SCATTERING, BackboneName.HOG -> BuiltInBackbones.of(ref.name(), ref.imageSize());
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

    private TrainingJob job(DatasetManifest manifest, List<TrainingImage> images) throws IOException {
        return new TrainingJob(
                images,
                labels(manifest),
                backbones(images, labels(manifest)),
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
}
