package dev.loupe.training.extension;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.model.ModelManifest;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.DatasetManifests;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.launch.JobLauncher;
import dev.loupe.training.launch.TrainerResources;
import dev.loupe.training.run.Extensions.Source;
import dev.loupe.training.run.PackagedModel;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunObjects;
import dev.loupe.training.run.RunState;
import dev.loupe.training.run.Runs;
import dev.loupe.training.run.Submission;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the model and the images of an extension that is requested, and refuses one that makes no sense. */
@ApplicationScoped
class ExtensionRequests {
    private static final String RECIPE = "patchcore";
    private static final String SEPARATE = "separate";

    private final Runs runs;
    private final RunObjects objects;
    private final FrozenVersions versions;
    private final DatasetManifests manifests;
    private final JobLauncher launcher;

    ExtensionRequests(
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
     * @param id run that the model came of
     * @throws ServiceException {@code RUN_NOT_FOUND}, {@code DATASET_VERSION_NOT_FOUND}, {@code PROJECT_ARCHIVED}; {@code
     *     EXTENSION_INVALID} if the run has made no model with a memory, or an image cannot be learned from
     */
    Submission submission(String id, NewExtension asked) {
        Run made = runs.require(id);
        PackagedModel model = requireModel(made);
        ModelManifest manifest = objects.manifestOf(model)
                .orElseThrow(() -> invalid("the package of run " + made.id() + " was deleted"));
        FrozenVersion evaluated = versions.get(made.data().datasetVersionId());
        FrozenVersion source = versions.requireForRun(evaluated.projectId().toString(), asked.datasetVersion());
        Candidates candidates = new Candidates(manifests.read(evaluated), manifests.read(source), manifest);
        List<String> images = asked.images() == null ? candidates.all() : candidates.require(asked.images());
        return new Submission(
                        evaluated,
                        null,
                        null,
                        made.trainedRecipe(),
                        made.settings().seed(),
                        true,
                        asked.priority(),
                        TrainerResources.DEFAULT,
                        launcher.check(TrainerResources.DEFAULT))
                .extending(new Source(model, source, images));
    }

    private PackagedModel requireModel(Run made) {
        RunState state = made.status().state();
        if (!made.settings().kind().makesModel()
                || made.settings().devOnly()
                || state != RunState.SUCCEEDED
                || made.data().task() != Task.ANOMALY_DETECTION
                || !made.trainedRecipe().name().equals(RECIPE)) {
            throw invalid(
                    "expected a run of the recipe '%s' that is SUCCEEDED and has made a model, got run %s of kind %s and recipe '%s' that is %s"
                            .formatted(
                                    RECIPE,
                                    made.id(),
                                    made.settings().kind(),
                                    made.trainedRecipe().name(),
                                    state));
        }
        if (SEPARATE.equals(made.trainedRecipe().parameters().get("products"))) {
            throw invalid("run " + made.id()
                    + " has a memory for each product: expected one with a single memory; train a new"
                    + " version with the images instead");
        }
        return objects.packageOf(made)
                .orElseThrow(() -> invalid("run " + made.id() + " has no package: its result is missing"));
    }

    /** The images that a model can be extended by. */
    private static final class Candidates {
        private final DatasetManifest evaluated;
        private final DatasetManifest source;
        private final Map<String, Entry> images = new HashMap<>();
        /** Normal TRAIN images of the model's own dataset version, and those that it was extended by before. */
        private final Set<String> known = new HashSet<>();
        /** DEV and TEST images of the model's own dataset version, by their digests. */
        private final Map<String, Split> held = new HashMap<>();

        /**
         * @param evaluated dataset version that the model is evaluated on
         * @param source dataset version with the images
         */
        Candidates(DatasetManifest evaluated, DatasetManifest source, ModelManifest model) {
            this.evaluated = evaluated;
            this.source = source;
            source.images().forEach(image -> images.put(image.sha256(), image));
            for (Entry image : evaluated.images()) {
                if (image.split() == Split.TRAIN) {
                    if (image.label().equals(DatasetManifest.NORMAL)) {
                        known.add(image.sha256());
                    }
                } else {
                    held.put(image.sha256(), image.split());
                }
            }
            if (model.lineage().extension() != null) {
                known.addAll(model.lineage().extension().images());
            }
        }

        /** All normal TRAIN images that the model has not learned from. */
        List<String> all() {
            List<String> all = source.images().stream()
                    .filter(image ->
                            image.split() == Split.TRAIN && image.label().equals(DatasetManifest.NORMAL))
                    .map(Entry::sha256)
                    .filter(image -> !known.contains(image) && !held.containsKey(image))
                    .toList();
            if (all.isEmpty()) {
                throw invalid(
                        version()
                                + ": expected normal TRAIN images that the model has not learned from, got none; label false alarms as normal, put them into TRAIN, and freeze a version");
            }
            if (all.size() > NewExtension.MAX_IMAGES) {
                throw invalid(
                        "%s: expected at most %d normal TRAIN images that the model has not learned from, got %d; train a model with them, or name some"
                                .formatted(version(), NewExtension.MAX_IMAGES, all.size()));
            }
            return all;
        }

        /** These images, each of which the model can be extended by. */
        List<String> require(List<String> asked) {
            asked.forEach(this::require);
            return asked;
        }

        private void require(String digest) {
            Entry image = images.get(digest);
            if (image == null) {
                throw invalid("image '" + digest + "': expected an image of " + version()
                        + "; freeze a version with it first");
            }
            if (!image.label().equals(DatasetManifest.NORMAL) || image.split() != Split.TRAIN) {
                throw invalid("image '%s' (%s): expected a normal TRAIN image of %s, got one that is %s and in %s"
                        .formatted(digest, image.name(), version(), image.label(), image.split()));
            }
            if (held.containsKey(digest)) {
                throw invalid(
                        "image '%s' (%s) is in %s of dataset version %d, which the model is evaluated on: it must not learn from it"
                                .formatted(digest, image.name(), held.get(digest), evaluated.number()));
            }
            if (known.contains(digest)) {
                throw invalid("image '%s' (%s): the model has learned from it already".formatted(digest, image.name()));
            }
        }

        private String version() {
            return "dataset version " + source.number() + " of '" + source.projectName() + "'";
        }
    }

    private static ServiceException invalid(String why) {
        return new ServiceException(ErrorCode.EXTENSION_INVALID, why);
    }
}
