package dev.loupe.vision.recipe.padim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.anomaly.AnomalyRecipeContract;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PadimTrainerIT extends AnomalyRecipeContract {
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
        return new PadimRecipe();
    }

    @Test
    void aModelThatWouldBeTooLargeIsRefusedWithTheMostFeatures() {
        TrainingJob job = new TrainingJob(
                images, model.labels(), Scattering.backbone(1024), 0, 1, folder, Progress.NONE, Checkpoints.NONE);
        String message = assertThrows(IllegalArgumentException.class, () -> recipe().train(job, Map.of("features", 60)))
                .getMessage();
        assertEquals(
                "features: expected at most 45 for a grid of 128 x 128 places, got 60: use fewer features or smaller"
                        + " images",
                message);
    }
}
