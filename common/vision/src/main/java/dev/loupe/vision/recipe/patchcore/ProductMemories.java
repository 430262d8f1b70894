package dev.loupe.vision.recipe.patchcore;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.model.Predictor;
import dev.loupe.model.Threshold;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.anomaly.AnomalyTrainer;
import dev.loupe.vision.anomaly.PatchFeatures;
import dev.loupe.vision.evaluation.AnomalyThreshold;
import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.evaluation.ProductReports;
import dev.loupe.vision.recipe.patchcore.PatchCoreGraph.ProductScale;
import dev.loupe.vision.training.Checkpoint;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.ModelEvaluation;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Trains one model with a memory for each product. Each memory, with its whitening, is that of a model of this product
 * alone. The distances to a memory are divided by the threshold that such a model would have, so that the threshold of
 * the model is 1 for each product. To find the nearest memory, they are divided by the mean distance of normal DEV images
 * instead, which depends neither on the defects nor on the extremes of a product.
 */
final class ProductMemories {
    /** Most products: a prediction searches the memories of all. */
    static final int MAX_PRODUCTS = 32;

    /** ONNX Runtime reads metadata outside of ASCII in another encoding than it is written in. */
    private static final JsonMapper NAMES = JsonMapper.builder()
            .configure(JsonWriteFeature.ESCAPE_NON_ASCII, true)
            .build();

    private static final String MEAN_DISTANCE = "mean_distance";
    private static final Threshold NOT_CHOSEN = new Threshold(0, "not chosen yet");

    private final TrainingJob job;
    private final PatchCoreParameters parameters;
    private final PatchFeatures features;
    private final List<String> products;

    /**
     * @param job job whose TRAIN images are normal
     * @throws IllegalArgumentException if a TRAIN image has no product, there are too many products, one of them has too
     *     few images, or another image is of none of them
     */
    ProductMemories(TrainingJob job, PatchCoreParameters parameters) {
        this.job = job;
        this.parameters = parameters;
        this.features = PatchFeatures.of(job.backbone(), parameters.layers());
        this.products = products(job);
    }

    private static List<String> products(TrainingJob job) {
        List<TrainingImage> images = job.images(Split.TRAIN);
        for (TrainingImage image : images) {
            if (image.product() == null) {
                throw new IllegalArgumentException("TRAIN image '" + image.id()
                        + "' has no product, expected one: with products=separate, each product has a memory");
            }
        }
        List<String> products =
                List.copyOf(images.stream().map(TrainingImage::product).collect(Collectors.toCollection(TreeSet::new)));
        if (products.size() > MAX_PRODUCTS) {
            throw new IllegalArgumentException(
                    "expected at most " + MAX_PRODUCTS + " products, got " + products.size());
        }
        job.images().stream()
                .filter(image -> image.product() != null && !products.contains(image.product()))
                .findFirst()
                .ifPresent(image -> {
                    throw new IllegalArgumentException(
                            "%s image '%s': product '%s': expected one of those of TRAIN images: %s"
                                    .formatted(
                                            image.split(), image.id(), image.product(), String.join(", ", products)));
                });
        for (String product : products) {
            AnomalyTrainer.requireEnough(
                    (int) images.stream()
                            .filter(image -> product.equals(image.product()))
                            .count(),
                    "product '" + product + "'");
            if (images(job, product).images(Split.DEV).stream()
                    .noneMatch(image -> image.label().equals(job.labels().getFirst()))) {
                throw new IllegalArgumentException(
                        "product '" + product + "' has no normal DEV image to choose its threshold on");
            }
        }
        return products;
    }

    /** The job with the images of a product. */
    private static TrainingJob images(TrainingJob job, String product) {
        return job.with(job.images().stream()
                .filter(image -> product.equals(image.product()))
                .toList());
    }

    TrainedModel train() {
        Checkpoint checkpoint = job.checkpoints().latest().orElse(null);
        List<MemoryBank> memories = checkpoint == null ? null : read(checkpoint.folder());
        String resumedFrom = memories == null ? null : checkpoint.name();
        if (memories == null) {
            memories = products.stream()
                    .map(product -> trainer(product).remember(PatchCoreTrainer.MAX_BANK_SIZE / products.size()))
                    .toList();
            save(memories);
        }
        List<Threshold> thresholds =
                thresholds(onnx(memories, Collections.nCopies(products.size(), ProductScale.NONE)));
        List<ProductScale> scales = new ArrayList<>();
        List<String> hows = new ArrayList<>();
        for (int i = 0; i < products.size(); i++) {
            double normal = normalDistance(products.get(i), memories.get(i));
            scales.add(new ProductScale((float) inverse(thresholds.get(i).value()), normal > 0 ? (float) normal : 1));
            hows.add(products.get(i) + ": " + thresholds.get(i).how());
        }
        Threshold one = new Threshold(1, "for each product; " + String.join("; ", hows));
        TrainedModel model = AnomalyTrainer.evaluated(job, onnx(memories, scales), one, resumedFrom);
        Map<String, TestPrediction> explained = new HashMap<>(model.testPredictions());
        for (int i = 0; i < products.size(); i++) {
            explained = trainer(products.get(i)).nearestNormals(memories.get(i), explained);
        }
        return model.with(explained).with(null, warnings(model));
    }

    private PatchCoreTrainer trainer(String product) {
        return new PatchCoreTrainer(images(job, product), parameters);
    }

    private byte[] onnx(List<MemoryBank> memories, List<ProductScale> scales) {
        OnnxGraph graph = job.backbone().graph();
        PatchCoreGraph.appendProducts(
                graph,
                features.appendTo(graph),
                features,
                memories,
                scales,
                job.backbone().preprocessing(),
                parameters.score());
        try {
            graph.metadata(OnnxSession.PRODUCTS, NAMES.writeValueAsString(products));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // a list of texts
        }
        return graph.toBytes();
    }

    /** The threshold of each product, as a model of this product would have it. */
    private List<Threshold> thresholds(byte[] onnx) {
        try (Predictor predictor = new Predictor(
                onnx, Task.ANOMALY_DETECTION, job.backbone().preprocessing(), job.labels(), NOT_CHOSEN, 1)) {
            return products.stream()
                    .map(product ->
                            AnomalyThreshold.choose(ModelEvaluation.anomalyDev(predictor, images(job, product))))
                    .toList();
        }
    }

    /** All distances are 0 if all images are equal; then no factor helps. */
    private static double inverse(double threshold) {
        return threshold > 0 ? 1 / threshold : 1;
    }

    /** The mean distance of the places of normal DEV images to the memory of their product. */
    private double normalDistance(String product, MemoryBank memory) {
        OnnxGraph graph = job.backbone().graph();
        String patches = memory.whitening().appendTo(graph, features.appendTo(graph));
        PatchCoreGraph.appendMeanDistance(graph, patches, features, memory.patches(), MEAN_DISTANCE);
        List<TrainingImage> normal = images(job, product).images(Split.DEV).stream()
                .filter(image -> image.label().equals(job.labels().getFirst()))
                .toList();
        double[] sum = new double[1];
        try (FeatureExtractor extractor = new FeatureExtractor(
                graph.toBytes(), job.backbone().preprocessing(), List.of(MEAN_DISTANCE), job.threads())) {
            extractor.extract(normal, "threshold", job.progress(), (_, row) -> sum[0] += row.getFirst()[0]);
        }
        return sum[0] / normal.size();
    }

    private List<String> warnings(TrainedModel model) {
        List<TrainingImage> dev = job.images(Split.DEV);
        BinaryMetrics all = new BinaryMetrics(
                dev.stream()
                        .mapToDouble(image ->
                                model.devScores().images().get(image.id()).score())
                        .toArray(),
                booleans(dev));
        List<String> warnings = new ArrayList<>();
        for (String product : products) {
            int[] own = IntStream.range(0, dev.size())
                    .filter(i -> product.equals(dev.get(i).product()))
                    .toArray();
            AnomalyThreshold.warnings(
                            ProductReports.some(all, own), model.threshold().value())
                    .forEach(warning -> warnings.add("product '" + product + "': " + warning));
        }
        return warnings;
    }

    private boolean[] booleans(List<TrainingImage> images) {
        boolean[] abnormal = new boolean[images.size()];
        for (int i = 0; i < abnormal.length; i++) {
            abnormal[i] = !images.get(i).label().equals(job.labels().getFirst());
        }
        return abnormal;
    }

    private static Path file(Path folder, int product) {
        return folder.resolve("memory-bank-" + product + ".bin");
    }

    private void save(List<MemoryBank> memories) {
        try {
            Path folder = Files.createTempDirectory(job.workFolder(), "checkpoint");
            for (int i = 0; i < memories.size(); i++) {
                memories.get(i).write(file(folder, i));
            }
            job.checkpoints().save("memory banks of " + memories.size() + " products", folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<MemoryBank> read(Path folder) {
        return IntStream.range(0, products.size())
                .mapToObj(i -> MemoryBank.read(file(folder, i), parameters.treatment()))
                .toList();
    }
}
