package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.Task;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;

/** Tries the other recipes for classification, and keeps the one that does best on DEV. */
public final class AutoRecipe implements TrainingRecipe<AutoParameters> {
    @Override
    public String name() {
        return "auto";
    }

    @Override
    public Task task() {
        return Task.CLASSIFICATION;
    }

    @Override
    public String summary() {
        return "Tries several recipes, and keeps the one that does best on the DEV images.";
    }

    @Override
    public AutoParameters defaults() {
        return AutoParameters.DEFAULTS;
    }

    @Override
    public TrainedModel train(TrainingJob job, AutoParameters parameters) {
        return new AutoTraining(job, parameters, System::nanoTime).run();
    }
}
