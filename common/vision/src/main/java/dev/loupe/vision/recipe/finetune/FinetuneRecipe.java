package dev.loupe.vision.recipe.finetune;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.LinkedHashMap;
import java.util.Map;

/** Trains a linear head on a backbone, then the backbone. */
public final class FinetuneRecipe implements TrainingRecipe<FinetuneParameters> {
    @Override
    public String name() {
        return "finetune";
    }

    @Override
    public Task task() {
        return Task.CLASSIFICATION;
    }

    @Override
    public String summary() {
        return "Trains a linear head on a backbone, then the backbone's last layers, then all of it.";
    }

    @Override
    public FinetuneParameters defaults() {
        return FinetuneParameters.DEFAULTS;
    }

    @Override
    public Map<String, SearchRange> searchSpace() {
        Map<String, SearchRange> space = new LinkedHashMap<>();
        space.put("learningRate", SearchRange.logBetween("0.00003", "0.003"));
        space.put("weightDecay", SearchRange.logBetween("0.000001", "0.01"));
        space.put("lastLayers", SearchRange.between("0.1", "0.6"));
        space.put("firstLayerRate", SearchRange.logBetween("0.01", "1"));
        return space;
    }

    @Override
    public TrainedModel train(TrainingJob given, FinetuneParameters parameters) {
        if (given.backbone() == null) {
            throw new IllegalArgumentException("finetune needs a backbone");
        }
        TrainingJob job = given.preparing(parameters.region().preparation(parameters.filters()));
        return ClassifierTrainer.train(
                job, job.backbone().preprocessing(), checkpoints -> new FinetuneTraining(job, parameters, checkpoints)
                        .run());
    }
}
