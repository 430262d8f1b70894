package dev.loupe.trainer;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.LearningCurve;
import dev.loupe.contracts.training.SimilarImages;
import dev.loupe.contracts.training.Skipped;
import dev.loupe.contracts.training.Skipped.Reason;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.labels.LabelCheck;
import dev.loupe.vision.labels.LearningCurveCheck;
import dev.loupe.vision.labels.SimilarTrainImages;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the images of a classifier after its training, and stores what it finds in the folder of the attempt: labels of
 * TRAIN and DEV that are probably wrong, whether more images would help, and which TRAIN images those of TEST look like. What
 * fails does not fail the run.
 */
final class ImageChecks {
    private static final Logger LOG = LoggerFactory.getLogger(ImageChecks.class);

    private final TrainerSpec spec;
    private final ObjectStore store;

    ImageChecks(TrainerSpec spec, ObjectStore store) {
        this.spec = spec;
        this.store = store;
    }

    /**
     * Checks the images and stores the documents.
     *
     * @param trained a job whose training has ended
     * @param recipe the recipe that the model was trained with; of one that chose among others, the chosen one
     * @param predictions predictions of the model for the TEST images, by image id
     * @throws CancelledException if the job's progress is cancelled
     */
    void run(DatasetManifest manifest, TrainingJob trained, Recipe recipe, Map<String, TestPrediction> predictions) {
        try {
            check(manifest, withFrozenBackbone(trained, recipe), predictions);
        } catch (CancelledException | StorageException.Revoked e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError | LinkageError e) {
            LOG.error("the images could not be checked", e);
        }
    }

    private void check(DatasetManifest manifest, TrainingJob job, Map<String, TestPrediction> predictions)
            throws IOException {
        Supplier<Descriptions> descriptions = once(() -> Descriptions.afterTraining(job));
        Map<String, String> names =
                manifest.images().stream().collect(Collectors.toMap(Entry::sha256, Entry::name, (first, _) -> first));
        LabelIssues issues = checked(() -> LabelCheck.of(job, descriptions, names), LabelIssues::skipped);
        log("labels of " + issues.images() + " images: " + issues.total() + " are probably wrong", issues.skipped());
        store(LabelIssues.key(spec.attempt()), issues);
        LearningCurve curve = checked(() -> LearningCurveCheck.of(job, descriptions), LearningCurve::skipped);
        log("gain from twice as many images: " + curve.gainOfDoubling(), curve.skipped());
        store(LearningCurve.key(spec.attempt()), curve);
        store(
                SimilarImages.key(spec.attempt()),
                SimilarTrainImages.of(job, leastSure(manifest, job, predictions), descriptions, names));
    }

    private static List<TrainingImage> leastSure(
            DatasetManifest manifest, TrainingJob job, Map<String, TestPrediction> predictions) {
        Map<String, TrainingImage> images = job.images(Split.TEST).stream()
                .collect(Collectors.toMap(TrainingImage::id, image -> image, (first, _) -> first));
        return TestResultsUpload.leastSure(manifest, predictions, SimilarImages.MAX_IMAGES).stream()
                .map(entry -> images.get(entry.sha256()))
                .toList();
    }

    /** @param skipped makes a document of a check that was skipped */
    private static <T> T checked(Supplier<T> check, Function<Skipped, T> skipped) {
        try {
            return check.get();
        } catch (CancelledException | StorageException.Revoked e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError | LinkageError e) {
            LOG.error("the images could not be checked", e);
            return skipped.apply(new Skipped(Reason.FAILED, "internal error; see the log of the run"));
        }
    }

    private static void log(String found, Skipped skipped) {
        if (skipped == null) {
            LOG.info(found);
        } else {
            LOG.info("not checked, {}: {}", skipped.reason(), skipped.message());
        }
    }

    private static <T> Supplier<T> once(Supplier<T> supplier) {
        List<T> known = new ArrayList<>(1);
        return () -> {
            if (known.isEmpty()) {
                known.add(supplier.get());
            }
            return known.getFirst();
        };
    }

    private void store(String key, Object document) throws IOException {
        store.put(
                new ObjectLocation(spec.output().bucket(), spec.output().prefix() + key),
                Json.MAPPER.writeValueAsBytes(document),
                "application/json");
    }

    /**
     * The job with the backbone that the model was trained on, if it has learned, or the scattering network. Its
     * checkpoint has the features of that backbone only if there is no other one.
     */
    private TrainingJob withFrozenBackbone(TrainingJob job, Recipe recipe) {
        Object name = recipe.parameters().get("backbone");
        Optional<Backbone> learned = IntStream.range(0, job.backbones().size())
                .filter(i -> spec.backbones().get(i).name().equals(name))
                .filter(i -> !BackboneName.isControl(spec.backbones().get(i).name()))
                .mapToObj(job.backbones()::get)
                .findFirst();
        boolean only = learned.isPresent() && job.backbones().size() == 1;
        return new TrainingJob(
                job.images(),
                job.labels(),
                learned.orElseGet(Scattering::backbone),
                job.seed(),
                job.threads(),
                job.workFolder(),
                job.progress(),
                only ? job.checkpoints() : Checkpoints.NONE);
    }
}
