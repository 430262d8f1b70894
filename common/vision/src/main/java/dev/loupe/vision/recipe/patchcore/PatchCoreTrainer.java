package dev.loupe.vision.recipe.patchcore;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryCurve;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.anomaly.AnomalyTrainer;
import dev.loupe.vision.anomaly.PatchFeatures;
import dev.loupe.vision.recipe.patchcore.MemoryBank.Origins;
import dev.loupe.vision.training.Checkpoint;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Trains PatchCore: stores features of patches of normal images; images with patches far from all of them are
 * anomalous.
 *
 * <p>Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022. In contrast to the paper,
 * features are whitened unless the parameters say otherwise, and projected onto principal components (see {@code
 * Whitening}), which replaces its random projections.
 *
 * <p>The memory bank is saved as a checkpoint, because it takes the longest. Features are not saved but computed again.
 * Deterministic for given images, backbone, parameters and seed.
 */
final class PatchCoreTrainer {
    /** Most vectors in the memory bank: the time of a prediction is proportional to it. */
    static final int MAX_BANK_SIZE = 20_000;
    /** Most distances from the places of an image to the memory bank: a prediction holds all of them, 63 MB. */
    static final long MAX_DISTANCES = 784L * MAX_BANK_SIZE;
    /** Number of candidate patches for each patch in the bank; if there are more patches, a random sample is used. */
    private static final int CANDIDATES_PER_KEPT = 40;

    /** Most candidate patches, which limits the memory for their features. */
    static final int MAX_CANDIDATES = 100_000;

    private static final long CANDIDATE_BYTES = 256L << 20;

    private final TrainingJob job;
    private final PatchCoreParameters parameters;
    private final PatchFeatures features;

    PatchCoreTrainer(TrainingJob job, PatchCoreParameters parameters) {
        this.job = job;
        this.parameters = parameters;
        this.features = PatchFeatures.of(job.backbone(), parameters.layers());
    }

    /**
     * Trains on the normal TRAIN images, chooses the threshold on the DEV images and evaluates on the TEST images.
     *
     * @param job job with the labels normal and abnormal, in this order
     * @return the model; its file is {@code model.onnx} in the job's work folder
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     * @throws dev.loupe.model.onnx.InvalidOnnxException if the backbone has no suitable feature maps
     * @throws IllegalArgumentException if there is no backbone, an abnormal TRAIN image, too few normal
     *     ones, or a file is not an image
     */
    static TrainedModel train(TrainingJob job, PatchCoreParameters parameters) {
        AnomalyTrainer.requireBackbone(job);
        AnomalyTrainer.normalTrainImages(job, PatchCoreRecipe.NAME);
        return switch (parameters.products()) {
            case SHARED -> new PatchCoreTrainer(job, parameters).run();
            case SEPARATE -> new ProductMemories(job, parameters).train();
        };
    }

    private TrainedModel run() {
        Optional<Checkpoint> checkpoint = job.checkpoints().latest();
        MemoryBank bank = checkpoint
                .map(saved -> MemoryBank.read(saved.folder().resolve(MemoryBank.FILE), parameters.treatment()))
                .filter(saved -> saved.whitening().from() == features.channels())
                .orElse(null);
        String resumedFrom = bank == null ? null : checkpoint.orElseThrow().name();
        if (bank == null) {
            bank = remember(MAX_BANK_SIZE);
            save(bank);
        }
        byte[] onnx = onnx(bank);
        TrainedModel model = AnomalyTrainer.evaluated(job, onnx, job.backbone().preprocessing(), resumedFrom);
        model = model.with(nearestNormals(bank, model.testPredictions()));
        MemoryCurve curve = model.evaluation() == null
                ? null
                : new PartialMemories(job, features, bank, parameters.score()).curve();
        return curve == null ? model : model.with(model.evaluation().with(curve));
    }

    /** The predictions, with the nearest normal images of those that are explained. */
    Map<String, TestPrediction> nearestNormals(MemoryBank bank, Map<String, TestPrediction> predictions) {
        return bank.origins() == null
                ? predictions
                : new NearestNormals(job, features, bank, job.images(Split.TRAIN)).added(predictions);
    }

    /** Features of patches, and where each was seen. */
    private record Candidates(Patches patches, Origins origins) {}

    /**
     * Learns the memory.
     *
     * @param most most patches in it
     */
    MemoryBank remember(int most) {
        List<TrainingImage> normal = job.images(Split.TRAIN);
        int distances = (int) (MAX_DISTANCES / features.places());
        int size = Math.min(Math.min(most, distances), bankSize((long) normal.size() * features.places()));
        Candidates seen = candidates(normal, size);
        Patches raw = seen.patches();
        Whitening whitening = Whitening.fit(raw, parameters.treatment(), job.seed());
        if (parameters.treatment() == Treatment.WHITENED && features.startWithColours()) {
            whitening = whitening.withColour(raw);
        }
        Patches candidates = whitening.apply(raw);
        int[] chosen = Coreset.choose(candidates, Math.min(size, candidates.count()), job.seed(), job.progress());
        return new MemoryBank(
                whitening, candidates.select(chosen), seen.origins().select(chosen));
    }

    private int bankSize(long patches) {
        return Math.clamp(Math.round(parameters.coresetRatio() * patches), 1, MAX_BANK_SIZE);
    }

    /** Returns the features of random places of each image, the same number for each image. */
    private Candidates candidates(List<TrainingImage> images, int bankSize) {
        int channels = features.channels();
        long most = Math.min(MAX_CANDIDATES, CANDIDATE_BYTES / Float.BYTES / channels);
        long wanted = Math.min(most, (long) CANDIDATES_PER_KEPT * bankSize);
        int perImage = Math.clamp(Math.ceilDiv(wanted, images.size()), 1, features.places());
        float[] values = new float[Math.multiplyExact(images.size() * perImage, channels)];
        Origins origins = new Origins(new int[images.size() * perImage], new int[images.size() * perImage]);
        OnnxGraph graph = job.backbone().graph();
        graph.output(features.appendTo(graph), "patches", -1, features.places(), channels);
        Random random = new Random(job.seed());
        try (FeatureExtractor extractor = new FeatureExtractor(
                graph.toBytes(), job.backbone().preprocessing(), List.of("patches"), job.threads())) {
            extractor.extract(images, "features", job.progress(), (index, outputs) -> {
                int[] places = places(perImage, random);
                for (int i = 0; i < perImage; i++) {
                    int row = index * perImage + i;
                    System.arraycopy(outputs.getFirst(), places[i] * channels, values, row * channels, channels);
                    origins.images()[row] = index;
                    origins.places()[row] = places[i];
                }
            });
        }
        return new Candidates(new Patches(values, channels), origins);
    }

    private int[] places(int count, Random random) {
        int[] all = new int[features.places()];
        for (int i = 0; i < all.length; i++) {
            int other = random.nextInt(i + 1);
            all[i] = all[other];
            all[other] = i;
        }
        return Arrays.copyOf(all, count);
    }

    private void save(MemoryBank bank) {
        try {
            Path folder = Files.createTempDirectory(job.workFolder(), "checkpoint");
            bank.write(folder.resolve(MemoryBank.FILE));
            job.checkpoints().save("memory bank of " + bank.patches().count() + " patches", folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] onnx(MemoryBank bank) {
        OnnxGraph graph = job.backbone().graph();
        String patches = bank.whitening().appendTo(graph, features.appendTo(graph));
        PatchCoreGraph.append(
                graph, patches, features, bank.patches(), job.backbone().preprocessing(), parameters.score());
        return graph.toBytes();
    }
}
