package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.Selection;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.DrawnSurfaces;
import dev.loupe.vision.recipe.patchcore.PatchCoreMeasure;
import dev.loupe.vision.recipe.patchcore.PatchCoreRecipe;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Chooses a detector for a folder of train/good, test/good and test/DEFECT; half of the test images are DEV images. */
public final class AutoAnomalyMeasure {
    private AutoAnomalyMeasure() {}

    /** AUROC on TEST of the chosen detector, and of the default, both measured once. */
    public record Measured(Selection selection, double chosen, double standard, double seconds) {
        /** The selection and the figures, one line for each candidate. */
        public String text() {
            StringBuilder text = new StringBuilder();
            for (Selection.Candidate candidate : selection.candidates()) {
                text.append(String.format(
                        Locale.ROOT,
                        "  %-60s DEV auroc %s, %.1f s, %s%n",
                        candidate.name(),
                        candidate.devMetrics().get("auroc"),
                        candidate.seconds(),
                        candidate.note()));
            }
            return text + "  chosen " + selection.chosen() + ": " + selection.reason() + "\n"
                    + String.format(
                            Locale.ROOT,
                            "  TEST auroc: chosen %.4f, default %.4f; %.0f s in all",
                            chosen,
                            standard,
                            seconds);
        }
    }

    /** Chooses among the backbones, with the seed 0. */
    public static Measured measure(Path root, List<Backbone> backbones) throws Exception {
        List<TrainingImage> images = images(root);
        long start = System.nanoTime();
        TrainedModel chosen = new AutoAnomalyRecipe().train(job(images, backbones));
        double seconds = (System.nanoTime() - start) / 1e9;
        TrainedModel standard = new PatchCoreRecipe().train(job(images, backbones.subList(0, 1)));
        return new Measured(
                chosen.selection(),
                chosen.metrics().get("auroc"),
                standard.metrics().get("auroc"),
                seconds);
    }

    private static List<TrainingImage> images(Path root) throws Exception {
        List<TrainingImage> images = new ArrayList<>();
        List<TrainingImage> test = new ArrayList<>();
        for (TrainingImage image : PatchCoreMeasure.all(root)) {
            (image.split() == Split.TEST ? test : images).add(image);
        }
        Collections.shuffle(test, new Random(0));
        for (int i = 0; i < test.size(); i++) {
            images.add(i % 2 == 0 ? test.get(i).in(Split.DEV) : test.get(i));
        }
        return images;
    }

    private static TrainingJob job(List<TrainingImage> images, List<Backbone> backbones) throws Exception {
        return new TrainingJob(
                images,
                DrawnSurfaces.LABELS,
                backbones,
                0,
                2,
                Files.createTempDirectory("auto-anomaly"),
                Progress.NONE,
                Checkpoints.NONE);
    }
}
