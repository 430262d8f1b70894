package dev.loupe.training.run;

import dev.loupe.contracts.training.Recipe;
import dev.loupe.training.dataset.DatasetVersion;
import dev.loupe.training.launch.TrainerResources;

/**
 * What is put into the queue.
 *
 * @param version to learn from
 * @param recipe how to train
 * @param seed of everything random
 * @param register whether a model version comes of it
 * @param priority -100..100: the larger, the sooner
 * @param resources that it asks for in place of the default ones
 * @param gpus that its trainer gets by that
 */
record Submission(
        DatasetVersion version,
        Recipe recipe,
        long seed,
        boolean register,
        int priority,
        TrainerResources resources,
        int gpus) {}
