package dev.loupe.trainer;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.training.PredictionCounts;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.ModelQuantization;
import dev.loupe.vision.training.QuantizedModel;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt of a run, from downloading the dataset version to uploading what came of it. */
abstract sealed class Attempt permits TrainingAttempt, EvaluationAttempt, ImportAttempt, ExtensionAttempt {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    final TrainerSpec spec;
    final ObjectStore store;
    final DatasetFetch fetch;
    final Reports reports;
    final Path scratch;

    /**
     * @param scratch folder for temporary files
     */
    Attempt(TrainerSpec spec, ObjectStore store, DatasetFetch fetch, Reports reports, Path scratch) {
        this.spec = spec;
        this.store = store;
        this.fetch = fetch;
        this.reports = reports;
        this.scratch = scratch;
    }

    /** Runs the attempt and returns its result. Failures are part of the result. */
    final TrainerResult run() {
        long start = System.nanoTime();
        try {
            return succeed();
        } catch (CancelledException | StorageException.Revoked _) {
            return ended(Outcome.CANCELLED, null, start);
        } catch (Exception | OutOfMemoryError | LinkageError e) {
            LOG.error("the attempt failed", e);
            return ended(Outcome.FAILED, Failures.of(e), start);
        }
    }

    /** Returns the result with the outcome SUCCEEDED; every other outcome is an exception. */
    abstract TrainerResult succeed() throws IOException;

    /** Downloads a package. Each file must have the digest that the manifest names, and the manifest that of the spec. */
    final ModelPackage download(ManifestRef ref, Path folder) throws IOException {
        Path file = folder.resolve(ModelPackage.MANIFEST);
        store.download(new ObjectLocation(ref.bucket(), ref.key()), ref.sha256(), file);
        String beside = ref.key().substring(0, ref.key().lastIndexOf('/') + 1);
        ModelPackage.parse(Files.readAllBytes(file)).files().forEach((path, stored) -> {
            reports.check();
            // The key of an object has no dot segments, so the file stays within the folder.
            ObjectLocation location = new ObjectLocation(ref.bucket(), beside + path);
            store.download(location, stored.sha256(), folder.resolve(path));
        });
        return ModelPackage.open(folder);
    }

    /** Makes the model with 8-bit integers. A quantization that fails is a refused one. */
    static QuantizedModel quantized(TrainingJob job, TrainedModel model) {
        try {
            return ModelQuantization.of(model, job);
        } catch (CancelledException e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError | LinkageError e) {
            LOG.warn("the model could not be quantized", e);
            return ModelQuantization.refused("quantization failed: " + e);
        }
    }

    /** Uploads a model with what was measured of it. */
    final TrainerResult upload(DatasetManifest manifest, TrainedModel model, ModelPackage made, double seconds)
            throws IOException {
        PredictionCounts counts = storeTestResults(manifest, made, model.testPredictions(), model.evaluation());
        return result(model, seconds, upload(made)).withTestCounts(counts);
    }

    /** As {@link TestResultsUpload#store}, with a heatmap of some images for a classifier, too. */
    final PredictionCounts storeTestResults(
            DatasetManifest manifest,
            ModelPackage model,
            Map<String, TestPrediction> predictions,
            EvaluationReport report)
            throws IOException {
        if (model.manifest().task() == Task.CLASSIFICATION) {
            new ClassHeatmaps(spec, fetch, reports, scratch).draw(manifest, model, predictions);
        }
        return new TestResultsUpload(spec, store, fetch, scratch).store(manifest, model, predictions, report);
    }

    /**
     * @param seconds training time
     * @param manifest manifest of the uploaded package, null if there is none
     */
    final TrainerResult result(TrainedModel model, double seconds, StoredFile manifest) {
        return new TrainerResult(
                        spec.attempt(),
                        Outcome.SUCCEEDED,
                        null,
                        model.metrics(),
                        manifest == null ? null : packageKey(ModelPackage.MANIFEST),
                        manifest == null ? null : manifest.sha256(),
                        manifest == null ? 0 : manifest.size(),
                        seconds,
                        model.resumedFrom(),
                        model.selection(),
                        model.devMetrics())
                .withWarnings(model.warnings());
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

    private TrainerResult ended(Outcome outcome, TrainerResult.Failure failure, long start) {
        return new TrainerResult(
                spec.attempt(), outcome, failure, null, null, null, 0, secondsSince(start), null, null);
    }

    static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
