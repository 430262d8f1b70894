package dev.loupe.vision.anomaly;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.Split;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Trains a recipe of an anomaly detector on a folder of train/good, test/good and test/DEFECT, and prints what it takes.
 * Every second image of each folder of test is DEV, so that parameters can be chosen without TEST.
 *
 * <p>Arguments: the folder; the recipe; {@code scattering}, {@code random} or an ONNX file with ImageNet's preprocessing,
 * with {@code redrawn:} before it for random weights; the seed; the parameters as JSON.
 */
public final class AnomalyMeasure {
    private AnomalyMeasure() {}

    public static void main(String[] args) throws Exception {
        Map<String, Object> parameters =
                args.length > 4 ? new ObjectMapper().readValue(args[4], new TypeReference<>() {}) : Map.of();
        long start = System.nanoTime();
        TrainedModel model = train(Path.of(args[0]), args[1], backbone(args[2]), Long.parseLong(args[3]), parameters);
        System.out.printf(
                Locale.ROOT,
                "%s %s %s seed %s %s: DEV auroc %.4f ap %.4f, TEST auroc %.4f ap %.4f f1 %.3f, %.0f s, %.1f MB%n",
                Path.of(args[0]).getFileName(),
                args[1],
                args[2],
                args[3],
                parameters,
                model.devMetrics().get("auroc"),
                model.devMetrics().get("averagePrecision"),
                model.metrics().get("auroc"),
                model.metrics().get("averagePrecision"),
                model.metrics().get("f1"),
                (System.nanoTime() - start) / 1e9,
                Files.size(model.onnx()) / 1e6);
    }

    /** Trains a recipe. */
    public static TrainedModel train(
            Path root, String recipe, Backbone backbone, long seed, Map<String, Object> parameters) throws IOException {
        TrainingRecipe<?> of = Recipes.require(recipe, AnomalyMeasure.class.getClassLoader());
        return of.train(
                new TrainingJob(
                        images(root),
                        List.of("normal", "abnormal"),
                        backbone,
                        seed,
                        2,
                        Files.createTempDirectory("anomaly"),
                        Progress.NONE,
                        Checkpoints.NONE),
                parameters);
    }

    private static Backbone backbone(String name) {
        if (name.startsWith("redrawn:")) {
            return RandomBackbones.withRandomWeights(backbone(name.substring("redrawn:".length())), 1);
        }
        return switch (name) {
            case "scattering" -> Scattering.backbone();
            case "random" -> RandomBackbones.mobileNet(1);
            default ->
                Backbone.imported("imported", Path.of(name), 255, new float[] {.485f, .456f, .406f}, new float[] {
                    .229f, .224f, .225f
                });
        };
    }

    private static List<TrainingImage> images(Path root) throws IOException {
        List<TrainingImage> images = new ArrayList<>();
        for (Path file : list(root.resolve("train/good"))) {
            images.add(new TrainingImage(root.relativize(file).toString(), file, "normal", Split.TRAIN));
        }
        for (Path kind : list(root.resolve("test"))) {
            List<Path> files = list(kind);
            for (int i = 0; i < files.size(); i++) {
                images.add(new TrainingImage(
                        root.relativize(files.get(i)).toString(),
                        files.get(i),
                        kind.endsWith("good") ? "normal" : "abnormal",
                        i % 2 == 0 ? Split.DEV : Split.TEST));
            }
        }
        return images;
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
