package dev.loupe.vision.recipe.patchcore;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.SearchRange;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.Map;

/** PatchCore: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022. */
public final class PatchCoreRecipe implements TrainingRecipe<PatchCoreParameters> {
    static final String NAME = "patchcore";

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
        return "Compares patches of an image with those of normal images.";
    }

    @Override
    public PatchCoreParameters defaults() {
        return PatchCoreParameters.DEFAULTS;
    }

    @Override
    public Map<String, SearchRange> searchSpace() {
        return Map.of("coresetRatio", SearchRange.logBetween("0.001", "0.1"));
    }

    @Override
    public TrainedModel train(TrainingJob job, PatchCoreParameters parameters) {
        return PatchCoreTrainer.train(
                job.preparing(parameters.region().preparation(parameters.filters()))
                        .tiled(parameters.tiles()),
                parameters);
    }
}
