package dev.loupe.training.result;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.DatasetManifests;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.launch.JobLauncher;
import dev.loupe.training.launch.TrainerResources;
import dev.loupe.training.run.PackagedModel;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunKind;
import dev.loupe.training.run.RunObjects;
import dev.loupe.training.run.RunState;
import dev.loupe.training.run.Runs;
import dev.loupe.training.run.Submission;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the model and the images of an evaluation that is requested, and refuses one that makes no sense. */
@ApplicationScoped
class EvaluationRequests {
    private static final int MAX_NAMED_LABELS = 5;

    private final Runs runs;
    private final RunObjects objects;
    private final FrozenVersions versions;
    private final DatasetManifests manifests;
    private final JobLauncher launcher;

    EvaluationRequests(
            Runs runs, RunObjects objects, FrozenVersions versions, DatasetManifests manifests, JobLauncher launcher) {
        this.runs = runs;
        this.objects = objects;
        this.versions = versions;
        this.manifests = manifests;
        this.launcher = launcher;
    }

    /**
     * Returns the run to be added to the queue.
     *
     * @throws ServiceException {@code MODEL_VERSION_NOT_FOUND}, {@code RUN_NOT_FOUND}, {@code
     *     DATASET_VERSION_NOT_FOUND}, {@code PROJECT_ARCHIVED}; {@code EVALUATION_INVALID} if the run has made no model,
     *     the dataset version has no TEST images or another task, or the model lacks a label of it
     */
    Submission submission(NewEvaluation asked) {
        Run trained = asked.run() == null
                ? runs.requireModelVersion(asked.project(), asked.modelVersion())
                : runs.require(asked.run());
        PackagedModel model = requirePackage(trained);
        String project = asked.datasetProject() == null ? trained.data().project() : asked.datasetProject();
        FrozenVersion version = versions.requireForRun(project, asked.datasetVersion());
        DatasetManifest images = requireSuitable(trained, model, version);
        return new Submission(
                version,
                model.withKnownImages(knownImages(trained, model, images)),
                null,
                trained.trainedRecipe(),
                trained.settings().seed(), // the intervals have the same resamples as those of the training
                false,
                asked.priority(),
                TrainerResources.DEFAULT,
                launcher.check(TrainerResources.DEFAULT));
    }

    private PackagedModel requirePackage(Run trained) {
        RunKind kind = trained.settings().kind();
        RunState state = trained.status().state();
        if (!kind.makesModel() || state != RunState.SUCCEEDED) {
            throw invalid(
                    "expected a run of kind TRAINING, IMPORT or EXTENSION that is SUCCEEDED, got run %s of kind %s that is %s"
                            .formatted(trained.id(), kind, state));
        }
        if (trained.settings().devOnly()) {
            throw invalid("run " + trained.id() + " is a trial of a search: it keeps no model");
        }
        return objects.packageOf(trained)
                .orElseThrow(() -> invalid("run " + trained.id() + " has no package: its result is missing"));
    }

    private DatasetManifest requireSuitable(Run trained, PackagedModel model, FrozenVersion version) {
        String data = "dataset version " + version.number() + " of '" + version.projectName() + "'";
        if (version.task() != trained.data().task()) {
            throw invalid("%s: expected the model's task %s, got %s"
                    .formatted(data, trained.data().task(), version.task()));
        }
        if (version.testImages() == 0) {
            throw invalid(data + ": expected TEST images, got none");
        }
        DatasetManifest images = manifests.read(version);
        List<String> missing = new ArrayList<>(images.classes());
        List<String> known = objects.manifestOf(model)
                .orElseThrow(() -> invalid("the package of run " + model.run() + " was deleted"))
                .labels();
        missing.removeAll(known);
        if (!missing.isEmpty()) {
            throw invalid("%s: the model of run %s has %d labels and lacks %d of this version: %s%s"
                    .formatted(
                            data,
                            trained.id(),
                            known.size(),
                            missing.size(),
                            String.join(", ", missing.subList(0, Math.min(MAX_NAMED_LABELS, missing.size()))),
                            missing.size() > MAX_NAMED_LABELS ? ", …" : ""));
        }
        return images;
    }

    /**
     * How many TEST images are TRAIN or DEV images of the dataset version of the training, or images that the memory of
     * the model was extended by.
     */
    private int knownImages(Run trained, PackagedModel model, DatasetManifest images) {
        if (trained.settings().kind() == RunKind.IMPORT) {
            return 0; // what it has learned from is not known here; its package says so
        }
        Set<String> test = digests(images, Set.of(Split.TEST));
        Set<String> known = digests(
                manifests.read(versions.get(trained.data().datasetVersionId())), Set.of(Split.TRAIN, Split.DEV));
        objects.manifestOf(model)
                .map(manifest -> manifest.lineage().extension())
                .ifPresent(extension -> known.addAll(extension.images()));
        test.retainAll(known);
        return test.size();
    }

    private static Set<String> digests(DatasetManifest images, Set<Split> splits) {
        return images.images().stream()
                .filter(image -> splits.contains(image.split()))
                .map(DatasetManifest.Entry::sha256)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static ServiceException invalid(String why) {
        return new ServiceException(ErrorCode.EVALUATION_INVALID, why);
    }
}
