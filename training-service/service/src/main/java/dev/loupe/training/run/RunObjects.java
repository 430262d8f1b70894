package dev.loupe.training.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.LearningCurve;
import dev.loupe.contracts.training.SimilarImages;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelPackage;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.storage.StorageException;
import dev.loupe.storage.StoredObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The objects of runs in object storage. */
@ApplicationScoped
public class RunObjects {
    private final ObjectStore store;
    private final StorageConfig storage;
    private final ObjectMapper json;

    RunObjects(ObjectStore store, StorageConfig storage, ObjectMapper json) {
        this.store = store;
        this.storage = storage;
        this.json = json;
    }

    /**
     * The result of the current attempt, empty if it has not written one.
     *
     * @throws StorageException if the state is unknown at the moment
     */
    Optional<TrainerResult> result(Run run) {
        byte[] document;
        try {
            document = store.read(new ObjectLocation(
                    storage.bucket(), Run.resultKey(run.id(), run.status().attempt())));
        } catch (StorageException.NotFound _) {
            return Optional.empty();
        }
        try {
            TrainerResult result = json.readValue(document, TrainerResult.class);
            boolean lacksPackage = run.settings().kind().makesModel()
                    && !run.settings().devOnly()
                    && result.outcome() == Outcome.SUCCEEDED
                    && result.packageKey() == null;
            return Optional.of(lacksPackage ? unreadable(run, "it names no package") : result);
        } catch (IOException e) {
            return Optional.of(unreadable(run, e.getMessage()));
        }
    }

    private static TrainerResult unreadable(Run run, String why) {
        Failure failure = new Failure("INTERNAL", "the trainer's result can't be read: " + why, false);
        return new TrainerResult(
                run.status().attempt(), Outcome.FAILED, failure, Map.of(), null, null, 0, 0, null, null);
    }

    /**
     * The labels that the current attempt found to be probably wrong, empty if it did not check them.
     *
     * @throws StorageException if the state is unknown at the moment
     */
    Optional<StoredDocument> labelIssues(Run run) {
        ObjectLocation location = new ObjectLocation(
                storage.bucket(),
                Run.prefix(run.id()) + LabelIssues.key(run.status().attempt()));
        if (!run.settings().checkLabels()
                || store.find(location)
                        .filter(found -> found.size() <= LabelIssues.MAX_BYTES)
                        .isEmpty()) {
            return Optional.empty();
        }
        byte[] document = store.read(location);
        return Optional.of(new StoredDocument(location, Sha256.of(document), document.length));
    }

    /** The package of a run that has made a model, to be evaluated; empty if its result is missing. */
    public Optional<PackagedModel> packageOf(Run run) {
        return result(run)
                .filter(result -> result.packageKey() != null)
                .map(result -> new PackagedModel(
                        run.id(),
                        run.data().project(),
                        null,
                        run.outcome().modelVersion(),
                        result.packageKey(),
                        result.packageSha256(),
                        0));
    }

    /** The manifest of a package, empty if the package was deleted. */
    public Optional<ModelManifest> manifestOf(PackagedModel model) {
        try {
            return Optional.of(ModelPackage.parse(
                    store.read(new ObjectLocation(storage.bucket(), model.packageKey()), model.packageSha256())));
        } catch (StorageException.NotFound _) {
            return Optional.empty();
        }
    }

    /** Deletes the run's checkpoints. Call it only if no attempt will resume from them. */
    void deleteCheckpoints(UUID run) {
        delete(Run.prefix(run) + "checkpoints/");
    }

    /** Deletes the package of a run whose model version was deleted. */
    void deletePackage(UUID run) {
        delete(Run.prefix(run) + "package/");
    }

    /**
     * Deletes the results of an attempt for the TEST images, its evaluation, and what it found out about the images. Call it only if the run has others, or
     * has failed.
     */
    void deleteTestResults(Attempt attempt) {
        for (String key : List.of(
                Evaluation.key(attempt.number()),
                LabelIssues.key(attempt.number()),
                LearningCurve.key(attempt.number()),
                SimilarImages.key(attempt.number()),
                TestResults.key(attempt.number()),
                TestResults.heatmapsKey(attempt.number()),
                TestResults.thumbnailsKey(attempt.number()))) {
            store.delete(new ObjectLocation(storage.bucket(), Run.prefix(attempt.runId()) + key));
        }
    }

    /** Deletes all objects of the run, including its package. */
    void deleteAll(UUID run) {
        delete(Run.prefix(run));
    }

    private void delete(String prefix) {
        for (StoredObject object : store.list(storage.bucket(), prefix)) {
            store.delete(object.location());
        }
    }
}
