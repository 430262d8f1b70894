package dev.loupe.vision.recipe.patchcore;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.ImageConditions;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Predictor;
import dev.loupe.model.Quantization;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.ModelEvaluation;
import dev.loupe.vision.training.ModelQuantization;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

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

    /** A product's AUROC on TEST in one model with others, and in one of its own, and how often its memory is the nearest. */
    public record Product(String name, int images, double together, double alone, int nearest) {}

    /**
     * Trains one model with a memory for each product, and one of each product alone.
     *
     * @param roots folders of the products, by name
     */
    public static List<Product> products(Map<String, Path> roots, Backbone backbone) throws Exception {
        Map<String, Double> alone = new TreeMap<>();
        List<TrainingImage> images = new ArrayList<>();
        for (Map.Entry<String, Path> root : roots.entrySet()) {
            List<TrainingImage> own = PatchCoreBench.images(root.getValue());
            alone.put(
                    root.getKey(),
                    new PatchCoreRecipe()
                            .train(job(own, backbone))
                            .evaluation()
                            .metrics()
                            .get("auroc")
                            .value());
            own.forEach(image -> images.add(new TrainingImage(
                    root.getKey() + "/" + image.id(),
                    image.file(),
                    image.label(),
                    image.split(),
                    image.defect(),
                    image.mask(),
                    root.getKey())));
        }
        PatchCoreParameters defaults = PatchCoreParameters.DEFAULTS;
        TrainedModel together = PatchCoreTrainer.train(
                job(images, backbone),
                new PatchCoreParameters(
                        defaults.backbone(),
                        defaults.imageSize(),
                        defaults.layers(),
                        defaults.tiles(),
                        defaults.treatment(),
                        defaults.coresetRatio(),
                        defaults.score(),
                        Products.SEPARATE,
                        defaults.region(),
                        defaults.filters()));
        return together.evaluation().detection().products().stream()
                .map(report -> new Product(
                        report.product(),
                        report.normal() + report.abnormal(),
                        report.auroc().value(),
                        alone.get(report.product()),
                        report.nearest()))
                .toList();
    }

    /** How the same model does with 8-bit integers. */
    public static Quantization quantized(Path root, Backbone backbone) throws Exception {
        TrainingJob job = job(PatchCoreBench.images(root), backbone);
        return ModelQuantization.of(new PatchCoreRecipe().train(job), job).result();
    }

    /** The images of a folder, with a tenth of the normal TRAIN images as DEV images. */
    public static List<TrainingImage> all(Path root) throws Exception {
        return PatchCoreBench.images(root);
    }

    /** The normal images of a folder, of all splits. */
    public static List<TrainingImage> normal(Path root) throws Exception {
        return PatchCoreBench.images(root).stream()
                .filter(image -> image.label().equals("normal"))
                .toList();
    }

    /** What an extension by false alarms changes; counts of images. */
    public record Extension(
            int images,
            int patches,
            double seconds,
            double totalSeconds,
            int alarmsBefore,
            int alarmsAfter,
            long missesBefore,
            long missesAfter,
            long testAlarmsBefore,
            long testAlarmsAfter,
            double aurocBefore,
            double aurocAfter,
            double predictMillis,
            double conditionsMillis) {}

    /**
     * Trains on 60 % of the TRAIN images, and extends the model by the 20 of the others with the highest scores, its false
     * alarms first.
     */
    public static Extension extension(Path root, Backbone backbone) throws Exception {
        List<TrainingImage> all = PatchCoreBench.images(root);
        List<TrainingImage> train =
                all.stream().filter(image -> image.split() == Split.TRAIN).toList();
        List<TrainingImage> others = train.subList(train.size() * 6 / 10, train.size());
        List<TrainingImage> images = new ArrayList<>(all);
        images.removeAll(others);
        TrainedModel model = new PatchCoreRecipe().train(job(images, backbone));
        ModelPackage parent = Packager.pack(
                model,
                images,
                new DatasetVersion("d", 1, "digest", "test"),
                new Lineage("r", 1, "p", "p", Map.of(), 0, null, "0", "2026-11-20T00:00:00Z"),
                Files.createTempDirectory("package"));
        List<TrainingImage> alarms = highest(parent, others);
        double[] millis = millis(parent, alarms);
        images.removeAll(train);
        images.addAll(alarms);
        long start = System.nanoTime();
        MemoryExtension.Extended extended = MemoryExtension.extend(parent, job(images, backbone));
        return new Extension(
                alarms.size(),
                extended.patches(),
                extended.seconds(),
                (System.nanoTime() - start) / 1e9,
                extended.anomalousBefore(),
                extended.anomalousAfter(),
                wrong(model, "abnormal"),
                wrong(extended.model(), "abnormal"),
                wrong(model, "normal"),
                wrong(extended.model(), "normal"),
                model.metrics().get("auroc"),
                extended.model().metrics().get("auroc"),
                millis[0],
                millis[1]);
    }

    /** Median time of a prediction from the encoded image, and of measuring how the image was taken. */
    private static double[] millis(ModelPackage source, List<TrainingImage> images) throws Exception {
        List<Double> predictions = new ArrayList<>();
        List<Double> conditions = new ArrayList<>();
        Preprocessing preprocessing = source.manifest().preprocessing();
        try (Predictor predictor = Predictor.open(source)) {
            for (int round = 0; round < 5; round++) {
                for (TrainingImage image : images) {
                    byte[] encoded = Files.readAllBytes(image.file());
                    long start = System.nanoTime();
                    predictor.predict(List.of(encoded));
                    predictions.add((System.nanoTime() - start) / 1e6);
                    float[] input = preprocessing.apply(encoded);
                    start = System.nanoTime();
                    ImageInspection header = ImageDecoder.header(encoded);
                    ImageConditions.of(input, 0, preprocessing).withSize(header.width(), header.height());
                    conditions.add((System.nanoTime() - start) / 1e6);
                }
            }
        }
        return new double[] {median(predictions), median(conditions)};
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    private static List<TrainingImage> highest(ModelPackage parent, List<TrainingImage> images) {
        try (Predictor predictor = Predictor.open(parent)) {
            List<Float> scores = ModelEvaluation.predict(
                    predictor, images, 2, "predict", Progress.NONE, prediction -> ((AnomalyPrediction) prediction)
                            .score());
            return IntStream.range(0, images.size())
                    .boxed()
                    .sorted(Comparator.comparing((Integer i) -> -scores.get(i)))
                    .limit(20)
                    .map(images::get)
                    .toList();
        }
    }

    private static long wrong(TrainedModel model, String label) {
        return model.testPredictions().values().stream()
                .filter(prediction -> prediction.label().equals(label)
                        && !prediction.predicted().equals(label))
                .count();
    }

    private static TrainingJob job(List<TrainingImage> images, Backbone backbone) throws Exception {
        return new TrainingJob(
                images,
                List.of("normal", "abnormal"),
                backbone,
                0,
                2,
                Files.createTempDirectory("patchcore"),
                Progress.NONE,
                Checkpoints.NONE);
    }
}
