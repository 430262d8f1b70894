package dev.loupe.vision.recipe.studentteacher;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.Map;

/**
 * A student network that predicts the features of a teacher: Wang et al., "Student-Teacher Feature Pyramid Matching for
 * Anomaly Detection", BMVC 2021.
 */
public final class StudentTeacherRecipe implements TrainingRecipe<StudentTeacherParameters> {
    static final String NAME = "student-teacher";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Task task() {
        return Task.ANOMALY_DETECTION;
    }

    @Override
    public String summary() {
        return "Trains a small network to predict the backbone's features of normal images.";
    }

    @Override
    public StudentTeacherParameters defaults() {
        return StudentTeacherParameters.DEFAULTS;
    }

    @Override
    public Map<String, SearchRange> searchSpace() {
        return Map.of("learningRate", SearchRange.logBetween("0.0003", "0.01"));
    }

    @Override
    public TrainedModel train(TrainingJob job, StudentTeacherParameters parameters) {
        return StudentTeacherTrainer.train(
                job.preparing(parameters.region().preparation(parameters.filters())), parameters);
    }
}
