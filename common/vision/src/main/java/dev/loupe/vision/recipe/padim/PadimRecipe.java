package dev.loupe.vision.recipe.padim;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.Map;

/** PaDiM: Defard et al., "PaDiM: a Patch Distribution Modeling Framework", ICPR 2021. */
public final class PadimRecipe implements TrainingRecipe<PadimParameters> {
    @Override
    public String name() {
        return "padim";
    }

    @Override
    public Task task() {
        return Task.ANOMALY_DETECTION;
    }

    @Override
    public String summary() {
        return "Compares each place of an image with the same place of normal images.";
    }

    @Override
    public PadimParameters defaults() {
        return PadimParameters.DEFAULTS;
    }

    @Override
    public Map<String, SearchRange> searchSpace() {
        return Map.of("epsilon", SearchRange.logBetween("0.001", "1"));
    }

    @Override
    public TrainedModel train(TrainingJob job, PadimParameters parameters) {
        return PadimTrainer.train(job.preparing(parameters.region().preparation(parameters.filters())), parameters);
    }
}
