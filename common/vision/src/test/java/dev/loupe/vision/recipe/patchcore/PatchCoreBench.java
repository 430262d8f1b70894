package dev.loupe.vision.recipe.patchcore;

import dev.loupe.contracts.Split;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.net.RandomBackbones;
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
import java.util.Random;
import java.util.stream.Stream;

/** Trains and evaluates PatchCore on a folder of train/good, test/good and test/..., and prints what it takes. */
final class PatchCoreBench {
    private PatchCoreBench() {}

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        Backbone backbone = args[1].equals("scattering")
                ? Scattering.backbone()
                : Backbone.imported("imported", Path.of(args[1]), 255, new float[] {.485f, .456f, .406f}, new float[] {
                    .229f, .224f, .225f
                });
        if (args.length > 2) {
            backbone = RandomBackbones.withRandomWeights(backbone, 1);
        }
        long start = System.nanoTime();
        TrainedModel model = new PatchCoreRecipe()
                .train(new TrainingJob(
                        images(root),
                        List.of("normal", "abnormal"),
                        backbone,
                        0,
                        2,
                        Files.createTempDirectory("patchcore"),
                        Progress.NONE,
                        Checkpoints.NONE));
        System.out.printf("%s %.1f s%n", backbone.name(), (System.nanoTime() - start) / 1e9);
        System.out.println("threshold " + model.threshold());
        System.out.println("dev  " + model.devMetrics());
        System.out.println("test " + model.metrics());
    }

    static List<TrainingImage> images(Path root) throws Exception {
        List<TrainingImage> images = new ArrayList<>();
        List<Path> train = new ArrayList<>(files(root.resolve("train/good")));
        Collections.shuffle(train, new Random(0));
        for (int i = 0; i < train.size(); i++) {
            images.add(image(root, train.get(i), "normal", i < train.size() / 10 ? Split.DEV : Split.TRAIN));
        }
        try (Stream<Path> kinds = Files.list(root.resolve("test"))) {
            for (Path kind : kinds.sorted().toList()) {
                for (Path file : files(kind)) {
                    images.add(image(root, file, kind.endsWith("good") ? "normal" : "abnormal", Split.TEST));
                }
            }
        }
        return images;
    }

    /** With its mask, if the folder has one: {@code ground_truth/DEFECT/FILE}. */
    private static TrainingImage image(Path root, Path file, String label, Split split) {
        Path mask = root.resolve("ground_truth").resolve(root.resolve("test").relativize(file));
        return new TrainingImage(
                root.relativize(file).toString(),
                file,
                label,
                split,
                label.equals("normal") ? null : file.getParent().getFileName().toString(),
                Files.exists(mask) ? mask : null);
    }

    private static List<Path> files(Path folder) throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
