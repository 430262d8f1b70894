package dev.loupe.vision.recipe.patchcore;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryCurve;
import dev.loupe.contracts.evaluation.EvaluationReport.MemoryPoint;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.anomaly.PatchFeatures;
import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Measures on DEV how a memory does if its selection had ended earlier. The greedy selection is nested: the first patches of
 * the memory are those that {@link Coreset} selects of the same candidates if it is asked for fewer. All sizes are measured
 * in one pass over the images, which together cost about as much as the whole memory alone.
 */
final class PartialMemories {
    /** Most DEV images that are measured. */
    static final int MAX_IMAGES = 500;
    /** Each size is half of the next one. */
    private static final int SIZES = 7;

    private static final int SMALLEST = 8;
    /** A rise of the AUROC that is no help: that by which the AUROC of a quantized model may differ. */
    private static final double SAME_AUROC = 0.005;
    /** A relative fall of the mean distance that is no help. */
    private static final double SAME_DISTANCE = 0.05;

    private final TrainingJob job;
    private final PatchFeatures features;
    private final MemoryBank bank;
    private final ImageScore score;

    /**
     * @param bank memory in the order of selection
     * @param score how the score of an image is computed
     */
    PartialMemories(TrainingJob job, PatchFeatures features, MemoryBank bank, ImageScore score) {
        this.job = job;
        this.features = features;
        this.bank = bank;
        this.score = score;
    }

    /**
     * Returns the curve; null if the memory is too small for parts, or DEV has no normal image.
     *
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    MemoryCurve curve() {
        List<TrainingImage> images = measured();
        boolean[] abnormal = new boolean[images.size()];
        for (int i = 0; i < abnormal.length; i++) {
            abnormal[i] = !images.get(i).label().equals(job.labels().getFirst());
        }
        BinaryMetrics truth = new BinaryMetrics(new double[abnormal.length], abnormal);
        boolean ranked = truth.measurable();
        // An anomaly detector has normal DEV images: its threshold is chosen on them.
        if (sizes().size() < 2 || truth.negatives() == 0) {
            return null;
        }
        double[][] values = values(images, ranked);
        List<MemoryPoint> points = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            double value = ranked
                    ? new BinaryMetrics(values[i], abnormal).auroc()
                    : Arrays.stream(values[i]).average().orElseThrow();
            points.add(new MemoryPoint(sizes().get(i), value));
        }
        return ranked ? auroc(points, images.size()) : distance(points, images.size());
    }

    private List<Integer> sizes() {
        List<Integer> sizes = new ArrayList<>();
        for (int size = bank.patches().count(); size >= SMALLEST && sizes.size() < SIZES; size /= 2) {
            sizes.addFirst(size);
        }
        return sizes;
    }

    private List<TrainingImage> measured() {
        List<TrainingImage> dev = job.images(Split.DEV);
        int count = Math.min(dev.size(), MAX_IMAGES);
        return IntStream.range(0, count)
                .mapToObj(i -> dev.get((int) ((long) i * dev.size() / count)))
                .toList();
    }

    /** For each size the scores of the images, or their mean distances. */
    private double[][] values(List<TrainingImage> images, boolean ranked) {
        Preprocessing preprocessing = job.backbone().preprocessing();
        OnnxGraph graph = job.backbone().graph();
        String patches = bank.whitening().appendTo(graph, features.appendTo(graph));
        List<String> outputs = new ArrayList<>();
        for (int size : sizes()) {
            Patches first = bank.patches().select(IntStream.range(0, size).toArray());
            String name = "patches_" + size;
            if (ranked) {
                PatchCoreGraph.appendScore(graph, patches, features, first, preprocessing, score, name);
            } else {
                PatchCoreGraph.appendMeanDistance(graph, patches, features, first, name);
            }
            outputs.add(name);
        }
        double[][] values = new double[outputs.size()][images.size()];
        try (FeatureExtractor extractor =
                new FeatureExtractor(graph.toBytes(), preprocessing, outputs, job.threads())) {
            extractor.extract(images, "memory-curve", job.progress(), (image, row) -> {
                for (int i = 0; i < values.length; i++) {
                    values[i][image] = row.get(i)[0];
                }
            });
        }
        return values;
    }

    /** The curve of the AUROC. */
    static MemoryCurve auroc(List<MemoryPoint> points, int images) {
        double whole = points.getLast().value();
        Integer enough = enough(points, whole - SAME_AUROC, 1);
        String note = enough == null
                ? String.format(
                        Locale.ROOT,
                        "Still improving at %d patches: the AUROC on DEV is %.3f, with half of them %.3f; add normal"
                                + " images, or raise coresetRatio.",
                        points.getLast().patches(),
                        whole,
                        points.get(points.size() - 2).value())
                : "From about %d of %d patches on, more do not help: the AUROC on DEV does not rise by more than %s."
                        .formatted(enough, points.getLast().patches(), SAME_AUROC);
        return new MemoryCurve("auroc", images, points, enough, note);
    }

    /** The curve of the mean distance of normal images. */
    static MemoryCurve distance(List<MemoryPoint> points, int images) {
        double whole = points.getLast().value();
        Integer enough = enough(points, -whole * (1 + SAME_DISTANCE), -1);
        String note = enough == null
                ? String.format(
                        Locale.ROOT,
                        "Still improving at %d patches: normal DEV images are %.0f %% nearer to them than to half of them;"
                                + " add normal images, or raise coresetRatio.",
                        points.getLast().patches(),
                        100 * (1 - whole / points.get(points.size() - 2).value()))
                : "From about %d of %d patches on, more do not help: normal DEV images get nearer by at most %.0f %%."
                        .formatted(enough, points.getLast().patches(), 100 * SAME_DISTANCE);
        return new MemoryCurve("distance", images, points, enough, note);
    }

    /** The smallest size from which on the value times the sign is at least this; null if it is the whole memory. */
    private static Integer enough(List<MemoryPoint> points, double least, int sign) {
        Integer enough = null;
        for (int i = points.size() - 2; i >= 0 && sign * points.get(i).value() >= least; i--) {
            enough = points.get(i).patches();
        }
        return enough;
    }
}
