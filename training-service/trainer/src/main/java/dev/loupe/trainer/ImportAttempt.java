package dev.loupe.trainer;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.training.ImageFraming;
import dev.loupe.contracts.training.ImageFraming.ChannelOrder;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.BackboneFile;
import dev.loupe.contracts.training.TrainerSpec.ImportedNetwork;
import dev.loupe.imaging.ImagePreparation;
import dev.loupe.imaging.ImagePreparation.Denoise;
import dev.loupe.imaging.ImagePreparation.Fit;
import dev.loupe.imaging.ImagePreparation.Margins;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Predictor;
import dev.loupe.model.imported.ImportedClassifier;
import dev.loupe.storage.ObjectStore;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.TestEvaluation;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Makes a model of a classifier that was trained elsewhere: evaluates it on the TEST images, and uploads its package. It
 * has no checkpoints: another attempt begins again.
 */
final class ImportAttempt extends Attempt {
    private static final String UNKNOWN_IMAGES =
            "The model was trained elsewhere. If it has learned from some of the TEST"
                    + " images, its metrics are too good.";

    ImportAttempt(TrainerSpec spec, ObjectStore store, DatasetFetch fetch, Reports reports, Path scratch) {
        super(spec, store, fetch, reports, scratch);
    }

    @Override
    TrainerResult succeed() throws IOException {
        DatasetManifest manifest = fetch.manifest(spec.manifest());
        if (manifest.task() != Task.CLASSIFICATION) {
            throw new IllegalArgumentException(
                    "imported model: expected a dataset version for CLASSIFICATION, got " + manifest.task());
        }
        ImportedNetwork imported = spec.imported();
        ImportedClassifier classifier = classifier(imported);
        // DEV for the temperature.
        List<TrainingImage> images = fetch.images(manifest, Set.of(Split.DEV, Split.TEST));
        TrainingJob job = new TrainingJob(
                images, imported.labels(), List.of(), spec.seed(), spec.threads(), scratch, reports, Checkpoints.NONE);

        long start = System.nanoTime();
        TrainedModel model = evaluated(classifier, job);
        ModelPackage made = Packager.pack(
                model,
                images,
                Provenance.datasetVersion(spec, manifest),
                Provenance.lineage(spec, List.of(), null),
                scratch.resolve("package"));
        double seconds = secondsSince(start);
        reports.check();
        return upload(manifest, model, made, seconds);
    }

    private ImportedClassifier classifier(ImportedNetwork imported) throws IOException {
        BackboneFile file = imported.file();
        return ImportedClassifier.of(
                fetch.file(file.bucket(), file.key(), file.sha256(), -1),
                new ImportedClassifier.Settings(
                        imported.labels().size(),
                        imported.inputSize(),
                        imported.output(),
                        file.scale(),
                        file.mean(),
                        file.std(),
                        preparation(imported.framing()),
                        imported.framing().channelOrder() == ChannelOrder.BGR));
    }

    private static ImagePreparation preparation(ImageFraming framing) {
        return new ImagePreparation(
                Margins.around(framing.centerCrop()),
                Fit.valueOf(framing.fit().toUpperCase(Locale.ROOT)),
                Denoise.NONE,
                false,
                false);
    }

    private TrainedModel evaluated(ImportedClassifier classifier, TrainingJob job) throws IOException {
        byte[] onnx = classifier.onnx();
        TestEvaluation evaluation;
        try (Predictor predictor =
                new Predictor(onnx, Task.CLASSIFICATION, classifier.preprocessing(), job.labels(), null, 1)) {
            evaluation = TestEvaluation.of(predictor, null, job);
        }
        return new TrainedModel(
                Task.CLASSIFICATION,
                Files.write(scratch.resolve("model.onnx"), onnx),
                classifier.preprocessing(),
                job.labels(),
                null,
                evaluation.metrics(),
                evaluation.devMetrics(),
                List.of(UNKNOWN_IMAGES),
                evaluation.predictions(),
                evaluation.report(),
                null,
                null);
    }
}
