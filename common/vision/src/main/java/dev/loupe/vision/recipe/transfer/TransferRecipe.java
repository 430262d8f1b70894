package dev.loupe.vision.recipe.transfer;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.classification.TrainingState;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.LinkedHashMap;
import java.util.Map;

/** Trains a head on the features of a backbone. */
public final class TransferRecipe implements TrainingRecipe<TransferParameters> {
    @Override
    public String name() {
        return "transfer";
    }

    @Override
    public Task task() {
        return Task.CLASSIFICATION;
    }

    @Override
    public String summary() {
        return "Trains a head on the features of a backbone.";
    }

    @Override
    public TransferParameters defaults() {
        return TransferParameters.DEFAULTS;
    }

    @Override
    public Map<String, SearchRange> searchSpace() {
        Map<String, SearchRange> space = new LinkedHashMap<>();
        space.put("learningRate", SearchRange.logBetween("0.0003", "0.03"));
        space.put("batchSize", SearchRange.of(16, 32, 64, 128));
        space.put("hidden", SearchRange.of(0, 64, 256, 1024));
        return space;
    }

    @Override
    public TrainedModel train(TrainingJob given, TransferParameters parameters) {
        if (given.backbone() == null) {
            throw new IllegalArgumentException("transfer needs a backbone");
        }
        TrainingJob job = given.preparing(parameters.region().preparation(parameters.filters()));
        return ClassifierTrainer.train(job, job.backbone().preprocessing(), checkpoints -> {
            HeadTraining training = new HeadTraining(job, parameters, checkpoints);
            TrainingState trained = training.run(job.progress());
            OnnxGraph graph = job.backbone().graph();
            String scores = training.append(graph, trained.best().weights());
            return ClassifierTrainer.model(graph, scores, job.labels());
        });
    }
}
