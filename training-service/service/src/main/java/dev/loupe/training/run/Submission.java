package dev.loupe.training.run;

import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.launch.TrainerResources;
import java.util.UUID;

/**
 * A run to be added to the queue.
 *
 * @param version dataset version to learn from, or to evaluate on
 * @param model model to evaluate, null unless the run evaluates one
 * @param importedModel id of the model to import, null unless the run imports one
 * @param recipe recipe of the run; of an evaluation, that of the model
 * @param seed seed of all random numbers
 * @param register whether the run produces a model version
 * @param priority -100..100; a run with a higher priority starts earlier
 * @param resources resources that it asks for instead of the defaults
 * @param gpus number of GPUs that its trainer gets
 * @param search search that it belongs to, null if it belongs to none
 * @param devOnly whether it is a trial: it measures on DEV, does not use the TEST images, and keeps no model
 * @param withControl whether it trains a control beside the model
 * @param checkLabels whether its trainer looks for labels that are probably wrong
 * @param extension model to extend and the images for it, null unless the run extends one
 */
public record Submission(
        FrozenVersion version,
        PackagedModel model,
        UUID importedModel,
        Recipe recipe,
        long seed,
        boolean register,
        int priority,
        TrainerResources resources,
        int gpus,
        UUID search,
        boolean devOnly,
        boolean withControl,
        boolean checkLabels,
        Extensions.Source extension) {

    /** A run that extends no model. */
    public Submission(
            FrozenVersion version,
            PackagedModel model,
            UUID importedModel,
            Recipe recipe,
            long seed,
            boolean register,
            int priority,
            TrainerResources resources,
            int gpus,
            UUID search,
            boolean devOnly,
            boolean withControl,
            boolean checkLabels) {
        this(
                version,
                model,
                importedModel,
                recipe,
                seed,
                register,
                priority,
                resources,
                gpus,
                search,
                devOnly,
                withControl,
                checkLabels,
                null);
    }

    /** A run that belongs to no search, has no control, and does not check the labels of its images. */
    public Submission(
            FrozenVersion version,
            PackagedModel model,
            UUID importedModel,
            Recipe recipe,
            long seed,
            boolean register,
            int priority,
            TrainerResources resources,
            int gpus) {
        this(
                version,
                model,
                importedModel,
                recipe,
                seed,
                register,
                priority,
                resources,
                gpus,
                null,
                false,
                false,
                false);
    }

    /** The same run, which extends a model. */
    public Submission extending(Extensions.Source source) {
        return new Submission(
                version,
                model,
                importedModel,
                recipe,
                seed,
                register,
                priority,
                resources,
                gpus,
                search,
                devOnly,
                withControl,
                checkLabels,
                source);
    }

    /** What the run does. */
    RunKind kind() {
        if (model != null) {
            return RunKind.EVALUATION;
        }
        if (extension != null) {
            return RunKind.EXTENSION;
        }
        return importedModel == null ? RunKind.TRAINING : RunKind.IMPORT;
    }

    /** What the run is about, for the audit. */
    String subject() {
        return switch (kind()) {
            case TRAINING -> recipe.name();
            case EVALUATION -> "evaluation of the model of run " + model.run();
            case IMPORT -> "import of model " + importedModel;
            case EXTENSION ->
                "extension of the model of run " + extension.model().run() + " by "
                        + extension.images().size() + " images";
        };
    }
}
