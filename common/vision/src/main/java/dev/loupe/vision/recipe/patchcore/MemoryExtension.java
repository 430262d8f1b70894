package dev.loupe.vision.recipe.patchcore;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.Extension;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.NormalRange;
import dev.loupe.model.Predictor;
import dev.loupe.vision.anomaly.AnomalyTrainer;
import dev.loupe.vision.anomaly.NormalImages;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.ModelEvaluation;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Extends the memory of a PatchCore model by patches of further normal images, without training it again. The greedy
 * selection of {@link Coreset} goes on: the new patch that is farthest from the memory is added until none is farther
 * than the coverage radius, the distance at which the selection of the training ended. So the memory stays a coreset of
 * all images, and a new image scores less than the radius.
 *
 * <p>Whitening and backbone stay as they are. The threshold is chosen on the DEV images as in a training.
 */
public final class MemoryExtension {
    /** Most patches of an extended memory: a quarter more than those of a trained one. */
    static final int MAX_BANK_SIZE = PatchCoreTrainer.MAX_BANK_SIZE * 5 / 4;
    /** Most patches of the new images that are farther than the radius. */
    private static final int MAX_CANDIDATES = 100_000;
    /**
     * The radius is at least this share of the threshold. It is smaller if the training kept nearly all patches; the
     * memory would grow by patches that change no decision.
     */
    private static final double SMALLEST_RADIUS = 0.05;

    private final StoredMemory memory;
    private final ModelManifest parent;
    private final TrainingJob job;
    private final double radius;

    /**
     * A model with an extended memory.
     *
     * @param model the model
     * @param patches number of patches that were added
     * @param radius distance from the memory from which on a patch was added
     * @param anomalousBefore number of the new images that the former model calls anomalous
     * @param anomalousAfter number of the new images that the model calls anomalous all the same
     * @param seconds time of the extension, without the evaluation
     */
    public record Extended(
            TrainedModel model, int patches, double radius, int anomalousBefore, int anomalousAfter, double seconds) {}

    private MemoryExtension(StoredMemory memory, ModelManifest parent, TrainingJob job) {
        this.memory = memory;
        this.parent = parent;
        this.job = job;
        this.radius = radius(memory.patches(), parent);
    }

    /**
     * Extends a model by the TRAIN images of the job, chooses its threshold on the DEV images and evaluates it on TEST.
     *
     * @param parent package of the model
     * @param job job with the labels normal and abnormal, whose TRAIN images are normal
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     * @throws IllegalArgumentException if the model has no memory, there is no TRAIN image or one is abnormal, or they
     *     differ too much from what the model knows
     */
    public static Extended extend(ModelPackage parent, TrainingJob job) {
        AnomalyTrainer.requireTwoLabels(job);
        if (AnomalyTrainer.onlyNormal(job, "patchcore").isEmpty()) {
            throw new IllegalArgumentException("expected normal images to extend the memory by, got none");
        }
        return new MemoryExtension(StoredMemory.read(parent.onnx()), parent.manifest(), job).run(parent);
    }

    private Extended run(ModelPackage source) {
        long start = System.nanoTime();
        Preprocessing preprocessing = parent.preprocessing();
        List<TrainingImage> images = job.images(Split.TRAIN);
        Patches added = added(images);
        byte[] onnx = memory.with(memory.patches().and(added));
        NormalRange former = parent.input().normalRange();
        NormalRange range = former == null
                ? null
                : former.including(NormalImages.measure(images, preprocessing, job.threads(), job.progress()));
        double seconds = (System.nanoTime() - start) / 1e9;
        TrainedModel model = AnomalyTrainer.evaluated(job, onnx, preprocessing, range, null);
        int before = anomalous(source.onnx(), parent.threshold().value(), images);
        int after = anomalous(onnx, model.threshold().value(), images);
        return new Extended(model.with(null, warnings(model, after)), added.count(), radius, before, after, seconds);
    }

    private List<String> warnings(TrainedModel model, int anomalous) {
        List<String> warnings = new ArrayList<>(model.warnings());
        if (anomalous > 0) {
            warnings.add(
                    "%d of the %d normal images that the memory was extended by are anomalous all the same: their score reaches the threshold that was chosen on DEV"
                            .formatted(anomalous, job.images(Split.TRAIN).size()));
        }
        return warnings;
    }

    /**
     * The distance at which the selection of the memory ended: that of the patch that was selected last to its nearest
     * one. It is at most the threshold, so that a new image gets a score below it.
     */
    static double radius(Patches bank, ModelManifest parent) {
        double threshold = parent.threshold().value();
        Extension extension = parent.lineage().extension();
        double covered = extension == null ? lastDistance(bank) : extension.coverageRadius();
        return Math.clamp(covered, Math.min(SMALLEST_RADIUS * threshold, threshold), Math.max(threshold, 0));
    }

    private static double lastDistance(Patches bank) {
        int last = bank.count() - 1;
        double nearest = last == 0 ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < last; i++) {
            nearest = Math.min(nearest, bank.squaredDistance(i, bank, last));
        }
        return Math.sqrt(nearest);
    }

    /** The patches to add, in the order of selection. */
    private Patches added(List<TrainingImage> images) {
        List<float[]> far = new ArrayList<>();
        List<Float> distances = new ArrayList<>();
        int size = memory.patches().size();
        try (FeatureExtractor extractor = new FeatureExtractor(
                memory.patchGraph(),
                parent.preprocessing(),
                List.of(StoredMemory.PATCHES, StoredMemory.DISTANCES),
                job.threads())) {
            extractor.extract(images, "features", job.progress(), (_, outputs) -> {
                for (int place = 0; place < memory.places(); place++) {
                    if (outputs.get(1)[place] > radius) {
                        far.add(Arrays.copyOfRange(outputs.getFirst(), place * size, (place + 1) * size));
                        distances.add(outputs.get(1)[place]);
                    }
                }
                if (far.size() > MAX_CANDIDATES) {
                    throw new IllegalArgumentException(
                            "the images have more than %d patches that the model does not know, expected images of the same kind of item: train a model with them instead"
                                    .formatted(MAX_CANDIDATES));
                }
            });
        }
        return select(Patches.of(far, size), distances);
    }

    private Patches select(Patches candidates, List<Float> distances) {
        double[] nearest =
                distances.stream().mapToDouble(distance -> distance * distance).toArray();
        double limit = radius * radius;
        int most = MAX_BANK_SIZE - memory.patches().count();
        int[] chosen = new int[Math.max(0, Math.min(most, candidates.count()))];
        int count = 0;
        while (count < chosen.length) {
            job.progress().check();
            job.progress().report("coreset", count, 0, Map.of());
            int farthest = 0;
            for (int i = 1; i < nearest.length; i++) {
                farthest = nearest[i] > nearest[farthest] ? i : farthest;
            }
            if (nearest[farthest] <= limit) {
                break;
            }
            chosen[count++] = farthest;
            for (int i = 0; i < nearest.length; i++) {
                if (nearest[i] > limit) { // one that is covered is not chosen any more
                    nearest[i] = Math.min(nearest[i], candidates.squaredDistance(i, candidates, farthest));
                }
            }
        }
        return candidates.select(Arrays.copyOf(chosen, count));
    }

    /** How many images the model calls anomalous. */
    private int anomalous(byte[] onnx, double threshold, List<TrainingImage> images) {
        try (Predictor predictor =
                new Predictor(onnx, parent.task(), parent.preprocessing(), job.labels(), parent.threshold(), 1)) {
            return (int) ModelEvaluation.predict(
                            predictor,
                            images,
                            job.threads(),
                            "evaluate",
                            job.progress(),
                            prediction -> ((AnomalyPrediction) prediction).score())
                    .stream()
                    .filter(score -> score >= threshold)
                    .count();
        }
    }
}
