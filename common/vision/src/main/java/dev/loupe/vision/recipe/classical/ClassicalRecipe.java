package dev.loupe.vision.recipe.classical;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.LinkedHashMap;
import java.util.Map;

/** Trains a support vector machine, a forest or another classical learner on the features of a backbone. */
public final class ClassicalRecipe implements TrainingRecipe<ClassicalParameters> {
    @Override
    public String name() {
        return "classical";
    }

    @Override
    public Task task() {
        return Task.CLASSIFICATION;
    }

    @Override
    public String summary() {
        return "Trains an SVM, a random forest or another classical learner on the features of a backbone.";
    }

    @Override
    public ClassicalParameters defaults() {
        return ClassicalParameters.DEFAULTS;
    }

    @Override
    public Map<String, SearchRange> searchSpace() {
        Map<String, SearchRange> space = new LinkedHashMap<>();
        space.put(
                "learner",
                SearchRange.of(
                        "logistic-regression", "linear-svm", "rbf-svm", "random-forest", "k-nearest-neighbours"));
        space.put("k", SearchRange.logBetween("1", "25"));
        space.put("minLeaf", SearchRange.logBetween("1", "10"));
        return space;
    }

    @Override
    public TrainedModel train(TrainingJob given, ClassicalParameters parameters) {
        if (given.backbone() == null) {
            throw new IllegalArgumentException("classical needs a backbone");
        }
        TrainingJob job = given.preparing(parameters.region().preparation(parameters.filters()));
        return ClassifierTrainer.train(
                job, job.backbone().preprocessing(), checkpoints -> new ClassicalTraining(job, parameters, checkpoints)
                        .run());
    }
}
