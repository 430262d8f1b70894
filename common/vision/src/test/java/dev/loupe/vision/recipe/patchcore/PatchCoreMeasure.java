package dev.loupe.vision.recipe.patchcore;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Trains PatchCore with its defaults on a folder of train/good, test/good, test/DEFECT and masks in ground_truth/DEFECT. */
public final class PatchCoreMeasure {
    private PatchCoreMeasure() {}

    /** AUROC on TEST, with the seed 0. */
    public static double auroc(Path root, Backbone backbone) throws Exception {
        return metrics(root, backbone).get("auroc");
    }

    /** Metrics on TEST, with the seed 0. */
    public static Map<String, Double> metrics(Path root, Backbone backbone) throws Exception {
        return new PatchCoreRecipe()
                .train(new TrainingJob(
                        PatchCoreBench.images(root),
                        List.of("normal", "abnormal"),
                        backbone,
                        0,
                        2,
                        Files.createTempDirectory("patchcore"),
                        Progress.NONE,
                        Checkpoints.NONE))
                .metrics();
    }
}
