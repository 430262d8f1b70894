package dev.loupe.vision.recipe.gaussian;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.Map;

/**
 * A Gaussian of features of whole images: Ahuja et al., "Probabilistic Modeling of Deep Features for Out-of-Distribution
 * and Adversarial Detection", 2019 (DFM).
 */
public final class GaussianRecipe implements TrainingRecipe<GaussianParameters> {
    @Override
    public String name() {
        return "gaussian";
    }

    @Override
    public Task task() {
        return Task.ANOMALY_DETECTION;
    }

    @Override
    public String summary() {
        return "Compares the features of an image with the principal components of normal images.";
    }

    @Override
    public GaussianParameters defaults() {
        return GaussianParameters.DEFAULTS;
    }

    @Override
    public Map<String, SearchRange> searchSpace() {
        return Map.of("variance", SearchRange.between("0.8", "0.999"));
    }

    @Override
    public TrainedModel train(TrainingJob job, GaussianParameters parameters) {
        return GaussianTrainer.train(job.preparing(parameters.region().preparation(parameters.filters())), parameters);
    }
}
