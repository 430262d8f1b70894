package dev.loupe.vision.recipe.autoencoder;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.LinkedHashMap;
import java.util.Map;

/** A convolutional autoencoder that is trained on normal images. */
public final class AutoencoderRecipe implements TrainingRecipe<AutoencoderParameters> {
    @Override
    public String name() {
        return "autoencoder";
    }

    @Override
    public Task task() {
        return Task.ANOMALY_DETECTION;
    }

    @Override
    public String summary() {
        return "Trains a network that reconstructs normal images from a small code; needs no backbone.";
    }

    @Override
    public AutoencoderParameters defaults() {
        return AutoencoderParameters.DEFAULTS;
    }

    @Override
    public Map<String, SearchRange> searchSpace() {
        Map<String, SearchRange> space = new LinkedHashMap<>();
        space.put("learningRate", SearchRange.logBetween("0.0002", "0.01"));
        space.put("code", SearchRange.of(4, 8, 16, 32, 64));
        return space;
    }

    @Override
    public TrainedModel train(TrainingJob job, AutoencoderParameters parameters) {
        return AutoencoderTrainer.train(job, parameters);
    }
}
