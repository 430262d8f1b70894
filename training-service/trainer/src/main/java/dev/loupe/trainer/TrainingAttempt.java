package dev.loupe.trainer;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.training.Recipe;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.BackboneRef;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.anomaly.PatchCoreTrainer;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import dev.loupe.vision.training.TrainingParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt, from downloading the dataset version to uploading the package. */
final class TrainingAttempt {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingAttempt.class);
    /** Prefix of an imported backbone's name that selects its network with random weights. */
    private static final String REDRAWN = Recipe.RANDOM + ":";

    private final TrainerSpec spec;
    private final ObjectStore store;
    private final Reports reports;
    private final Path scratch;
    private final DatasetFetch fetch;

    TrainingAttempt(TrainerSpec spec, ObjectStore store, DatasetFetch fetch, Reports reports, Path scratch) {
        this.spec = spec;
        this.store = store;
        this.reports = reports;
        this.scratch = scratch;
        this.fetch = fetch;
    }

    /** Runs the attempt and returns its result. Failures are part of the result. */
    TrainerResult run() {
        long start = System.nanoTime();
        try {
            return succeed();
        } catch (CancelledException | StorageException.Revoked _) {
            return ended(Outcome.CANCELLED, null, start);
        } catch (Exception | OutOfMemoryError | LinkageError e) {
            LOG.error("training failed", e);
            return ended(Outcome.FAILED, Failures.of(e), start);
        }
    }

    private TrainerResult ended(Outcome outcome, TrainerResult.Failure failure, long start) {
        return new TrainerResult(spec.attempt(), outcome, failure, null, null, null, 0, secondsSince(start), null);
    }

    private TrainerResult succeed() throws IOException {
        DatasetManifest manifest = fetch.manifest(spec.manifest());
        List<TrainingImage> images = fetch.images(manifest);

        long start = System.nanoTime();
        Backbone backbone = backbone();
        TrainingJob job = job(manifest, images, backbone);
        TrainedModel model =
                switch (spec.recipe().type()) {
                    case CLASSIFICATION_TRANSFER, CLASSIFICATION_SCRATCH -> ClassifierTrainer.train(job);
                    case ANOMALY_PATCHCORE -> PatchCoreTrainer.train(job);
                };
        ModelPackage made = Packager.pack(
                model,
                images,
                Provenance.datasetVersion(spec, manifest),
                Provenance.lineage(spec, backbone),
                scratch.resolve("package"));
        double trainSeconds = secondsSince(start);
        reports.check();

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
                model.resumedFrom());
    }

    private Backbone backbone() {
        Recipe recipe = spec.recipe();
        return switch (recipe.type()) {
            case CLASSIFICATION_SCRATCH -> null;
            case CLASSIFICATION_TRANSFER, ANOMALY_PATCHCORE ->
                switch (recipe.backbone()) {
                    case Recipe.SCATTERING ->
                        recipe.imageSize() == null ? Scattering.backbone() : Scattering.backbone(recipe.imageSize());
                    case Recipe.RANDOM -> RandomBackbones.mobileNet(spec.seed());
                    default -> imported(recipe.backbone());
                };
        };
    }

    private Backbone imported(String name) {
        BackboneRef ref = spec.backbone();
        if (ref == null) {
            throw new IllegalArgumentException(
                    "the spec names the backbone '" + name + "' and does not say where it is");
        }
        Path file = fetch.file(ref.bucket(), ref.key(), ref.sha256(), -1);
        Backbone backbone = Backbone.imported(ref.name(), file, ref.scale(), ref.mean(), ref.std());
        return name.startsWith(REDRAWN) ? RandomBackbones.withRandomWeights(backbone, spec.seed()) : backbone;
    }

    private TrainingJob job(DatasetManifest manifest, List<TrainingImage> images, Backbone backbone) {
        Recipe recipe = spec.recipe();
        return new TrainingJob(
                images,
                labels(manifest),
                backbone,
                new TrainingParameters(
                        backbone == null ? recipe.imageSize() : null,
                        recipe.epochs(),
                        recipe.batchSize(),
                        recipe.learningRate(),
                        recipe.coresetRatio()),
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

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
