package dev.loupe.training.run;

import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.launch.TrainerResources;

/**
 * A run to be added to the queue.
 *
 * @param version dataset version to learn from, or to evaluate on
 * @param model model to evaluate, null for a training
 * @param recipe recipe of the run; of an evaluation, that of the model
 * @param seed seed of all random numbers
 * @param register whether the run produces a model version
 * @param priority -100..100; a run with a higher priority starts earlier
 * @param resources resources that it asks for instead of the defaults
 * @param gpus number of GPUs that its trainer gets
 */
public record Submission(
        FrozenVersion version,
        PackagedModel model,
        Recipe recipe,
        long seed,
        boolean register,
        int priority,
        TrainerResources resources,
        int gpus) {}
