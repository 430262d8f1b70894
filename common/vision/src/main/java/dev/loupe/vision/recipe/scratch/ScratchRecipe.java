package dev.loupe.vision.recipe.scratch;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.LinkedHashMap;
import java.util.Map;

/** Trains a network from scratch. */
public final class ScratchRecipe implements TrainingRecipe<ScratchParameters> {
    @Override
    public String name() {
        return "scratch";
    }

    @Override
    public Task task() {
        return Task.CLASSIFICATION;
    }

    @Override
    public String summary() {
        return "Trains a network from scratch.";
    }

    @Override
    public ScratchParameters defaults() {
        return ScratchParameters.DEFAULTS;
    }

    @Override
    public Map<String, SearchRange> searchSpace() {
        Map<String, SearchRange> space = new LinkedHashMap<>();
        space.put("learningRate", SearchRange.logBetween("0.0002", "0.02"));
        space.put("weightDecay", SearchRange.logBetween("0.00001", "0.01"));
        space.put("labelSmoothing", SearchRange.between("0", "0.2"));
        space.put("translation", SearchRange.between("0", "0.2"));
        space.put("rotation", SearchRange.between("0", "20"));
        space.put("mixup", SearchRange.between("0", "0.4"));
        return space;
    }

    @Override
    public TrainedModel train(TrainingJob job, ScratchParameters parameters) {
        int smallest = parameters.network().minimumSide();
        if (parameters.imageSize() < smallest) {
            throw new IllegalArgumentException("imageSize: the network " + parameters.network()
                    + " needs images of at least " + smallest + " pixels, got " + parameters.imageSize());
        }
        Preprocessing preprocessing = ScratchTraining.preprocessing(parameters.imageSize())
                .with(parameters.region().preparation(parameters.filters()));
        return ClassifierTrainer.train(
                job, preprocessing, checkpoints -> new ScratchTraining(job, parameters, preprocessing, checkpoints)
                        .run());
    }
}
