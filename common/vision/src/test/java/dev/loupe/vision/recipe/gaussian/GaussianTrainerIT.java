package dev.loupe.vision.recipe.gaussian;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.anomaly.AnomalyRecipeContract;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;

class GaussianTrainerIT extends AnomalyRecipeContract {
    @Override
    protected TrainedModel train(TrainingJob job) {
        return recipe().train(job);
    }

    @Override
    protected Backbone backbone() {
        return Scattering.backbone(SIDE);
    }

    @Override
    protected TrainingRecipe<?> recipe() {
        return new GaussianRecipe();
    }
}
