package dev.loupe.vision.classification;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.Split;
import dev.loupe.model.Quantization;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Hog;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.recipe.classical.ClassicalRecipe;
import dev.loupe.vision.recipe.finetune.FinetuneRecipe;
import dev.loupe.vision.recipe.scratch.ScratchRecipe;
import dev.loupe.vision.recipe.transfer.TransferRecipe;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.ModelQuantization;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Measures training on real images: a program, not a test. Arguments: folder with train/CLASS and test/CLASS, folder of
 * ONNX backbones, then any of {@code scattering}, {@code hog}, {@code mobilenet}, {@code efficientnet}, {@code redrawn}, {@code random}, {@code
 * scratch}, {@code finetune-} or {@code classical-} with a backbone, each with an optional seed ({@code scattering:1}). The system property {@code
 * measure.parameters} has parameters as a JSON object.
 */
public final class ClassifierMeasure {
    private static final float[] MEAN = {.485f, .456f, .406f};
    private static final float[] STD = {.229f, .224f, .225f};

    private static final float[] HALF = {.498039f, .498039f, .498039f};
    private static final float[] LITE_STD = {.501961f, .501961f, .501961f};

    private ClassifierMeasure() {}

    public static void main(String[] arguments) throws IOException {
        for (String recipe : List.of(arguments).subList(2, arguments.length)) {
            long seed = recipe.contains(":") ? Long.parseLong(recipe.substring(recipe.indexOf(':') + 1)) : 0;
            String name = recipe.replaceFirst(":.*", "");
            Backbone backbone = backbone(name.replaceFirst("^(finetune|classical)-", ""), Path.of(arguments[1]), seed);
            TrainingRecipe<?> method = backbone == null ? new ScratchRecipe() : recipe(name);
            Map<String, Object> parameters = new ObjectMapper()
                    .readValue(System.getProperty("measure.parameters", "{}"), new TypeReference<>() {});
            List<TrainingImage> images = images(Path.of(arguments[0]), seed);
            Path work = Files.createTempDirectory("measure");
            long start = System.nanoTime();
            List<String> labels = images.stream()
                    .map(TrainingImage::label)
                    .distinct()
                    .sorted()
                    .toList();
            TrainedModel model = method.train(
                    new TrainingJob(images, labels, backbone, seed, 2, work, new Lines(), Checkpoints.NONE),
                    parameters);
            System.out.printf(
                    "%n%s: dev %s, test %s, %.1f s, %d kB%n",
                    recipe,
                    model.devMetrics(),
                    System.getProperty("measure.test") == null ? "(not looked at)" : model.metrics(),
                    (System.nanoTime() - start) / 1e9,
                    Files.size(model.onnx()) / 1024);
        }
    }

    private static TrainingRecipe<?> recipe(String name) {
        return switch (name.replaceFirst("-.*", "")) {
            case "finetune" -> new FinetuneRecipe();
            case "classical" -> new ClassicalRecipe();
            default -> new TransferRecipe();
        };
    }

    /** Accuracy on TEST with the defaults, with the seed 0. */
    public static double accuracy(Path root, Backbone backbone) throws IOException {
        return new TransferRecipe().train(job(root, backbone)).metrics().get("accuracy");
    }

    /** How the same model does with 8-bit integers. */
    public static Quantization quantized(Path root, Backbone backbone) throws IOException {
        TrainingJob job = job(root, backbone);
        return ModelQuantization.of(new TransferRecipe().train(job), job).result();
    }

    private static TrainingJob job(Path root, Backbone backbone) throws IOException {
        List<TrainingImage> images = images(root, 0);
        List<String> labels =
                images.stream().map(TrainingImage::label).distinct().sorted().toList();
        return new TrainingJob(
                images, labels, backbone, 0, 2, Files.createTempDirectory("measure"), Progress.NONE, Checkpoints.NONE);
    }

    private static Backbone backbone(String name, Path folder, long seed) {
        return switch (name) {
            case "scattering" -> Scattering.backbone();
            case "hog" -> Hog.backbone();
            case "random" -> RandomBackbones.mobileNet(seed);
            case "scratch" -> null;
            case "redrawn" -> RandomBackbones.withRandomWeights(backbone("mobilenet", folder, seed), seed);
            case "mobilenet" ->
                Backbone.imported("mobilenet", folder.resolve("mobilenet_v2_features.onnx"), 255, MEAN, STD);
            case "efficientnet" ->
                Backbone.imported(
                        "efficientnet", folder.resolve("efficientnet_lite0_features.onnx"), 255, HALF, LITE_STD);
            default -> throw new IllegalArgumentException("unknown recipe " + name);
        };
    }

    /** TEST as the folders say; 15 % of each class of train are DEV. */
    static List<TrainingImage> images(Path root, long seed) throws IOException {
        List<TrainingImage> images = new ArrayList<>();
        for (Path label : list(root.resolve("train"))) {
            List<Path> files = new ArrayList<>(list(label));
            Collections.shuffle(files, new Random(seed));
            int dev = Math.round(.15f * files.size());
            for (int i = 0; i < files.size(); i++) {
                images.add(image(files.get(i), label, i < dev ? Split.DEV : Split.TRAIN));
            }
        }
        for (Path label : list(root.resolve("test"))) {
            list(label).forEach(file -> images.add(image(file, label, Split.TEST)));
        }
        return images;
    }

    private static TrainingImage image(Path file, Path label, Split split) {
        return new TrainingImage(
                file.getFileName().toString(), file, label.getFileName().toString(), split);
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Lines implements Progress {
        private String last = "";
        private long start = System.nanoTime();

        @Override
        public void report(String phase, long done, long total, Map<String, Double> metrics) {
            boolean ended = done == total;
            if (!phase.equals(last) || ended || phase.equals("train")) {
                System.out.printf(
                        "%6.1f s %s %d/%d %s%n",
                        (System.nanoTime() - start) / 1e9, phase, done, total, new TreeMap<>(metrics));
            }
            last = phase;
        }

        @Override
        public boolean cancelled() {
            return false;
        }
    }
}
