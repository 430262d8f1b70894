package dev.loupe.trainer;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.training.PredictionCounts;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.model.InvalidPackageException;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Predictor;
import dev.loupe.storage.ObjectStore;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.TestEvaluation;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Evaluates the package of a model on the TEST images of a dataset version, with the predictions that are served. It has
 * no checkpoints: another attempt begins again.
 */
final class EvaluationAttempt extends Attempt {
    EvaluationAttempt(TrainerSpec spec, ObjectStore store, DatasetFetch fetch, Reports reports, Path scratch) {
        super(spec, store, fetch, reports, scratch);
    }

    @Override
    TrainerResult succeed() throws IOException {
        ModelPackage model = download(spec.evaluate(), Files.createDirectories(scratch.resolve("package")));
        DatasetManifest manifest = fetch.manifest(spec.manifest());
        if (manifest.task() != model.manifest().task()) {
            throw new InvalidPackageException("model package: expected task " + manifest.task()
                    + " of the dataset version, got " + model.manifest().task());
        }
        // DEV for the temperature of a classifier.
        List<TrainingImage> images = fetch.images(manifest, Set.of(Split.DEV, Split.TEST));
        TrainingJob job = new TrainingJob(
                images,
                model.manifest().labels(),
                List.of(),
                spec.seed(),
                spec.threads(),
                scratch,
                reports,
                Checkpoints.NONE);

        long start = System.nanoTime();
        TestEvaluation evaluation;
        try (Predictor predictor = Predictor.open(model)) {
            predictor.verifyParity();
            evaluation = TestEvaluation.of(predictor, model.manifest().threshold(), job);
        }
        double seconds = secondsSince(start);
        reports.check();

        reports.report("upload", 0, 1, Map.of());
        PredictionCounts counts = storeTestResults(manifest, model, evaluation.predictions(), evaluation.report());
        return new TrainerResult(
                        spec.attempt(),
                        Outcome.SUCCEEDED,
                        null,
                        evaluation.metrics(),
                        null,
                        null,
                        0,
                        seconds,
                        null,
                        null)
                .withTestCounts(counts);
    }
}
