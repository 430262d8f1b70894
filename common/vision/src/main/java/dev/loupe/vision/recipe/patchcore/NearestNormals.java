package dev.loupe.vision.recipe.patchcore;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.NearestNormal;
import dev.loupe.contracts.training.NearestNormal.Place;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.InputGeometry;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.anomaly.PatchFeatures;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds for TEST images the place of a normal TRAIN image that the farthest patch of the image is nearest to. It is computed
 * beside the evaluation, with the model's features and memory: the model file does not know where its patches were seen.
 */
final class NearestNormals {
    /** Most TEST images that it is found for. */
    static final int MAX_IMAGES = 200;

    private final TrainingJob job;
    private final PatchFeatures features;
    private final MemoryBank bank;
    private final List<TrainingImage> normal;

    /**
     * @param bank memory with origins
     * @param normal the TRAIN images that the origins name, in the order of their indices
     */
    NearestNormals(TrainingJob job, PatchFeatures features, MemoryBank bank, List<TrainingImage> normal) {
        this.job = job;
        this.features = features;
        this.bank = bank;
        this.normal = normal;
    }

    /**
     * Returns the predictions, with the nearest normal image of those that are wrong, or abnormal: first the wrong ones, then
     * those with the highest scores, at most {@value #MAX_IMAGES}.
     *
     * @param predictions predictions for the TEST images, by id
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    Map<String, TestPrediction> added(Map<String, TestPrediction> predictions) {
        List<TrainingImage> explained = job.images(Split.TEST).stream()
                .filter(image -> isExplained(predictions.get(image.id())))
                .sorted(Comparator.comparing((TrainingImage image) -> isRight(predictions.get(image.id())))
                        .thenComparing(image -> -predictions.get(image.id()).score())
                        .thenComparing(TrainingImage::id))
                .limit(MAX_IMAGES)
                .toList();
        Map<String, TestPrediction> result = new HashMap<>(predictions);
        if (explained.isEmpty()) {
            return result;
        }
        OnnxGraph graph = job.backbone().graph();
        String patches = bank.whitening().appendTo(graph, features.appendTo(graph));
        PatchCoreGraph.appendNearest(graph, patches, features, bank.patches());
        List<String> outputs = List.of(PatchCoreGraph.PLACE, PatchCoreGraph.NEAREST, PatchCoreGraph.DISTANCE);
        try (FeatureExtractor extractor =
                new FeatureExtractor(graph.toBytes(), job.backbone().preprocessing(), outputs, job.threads())) {
            extractor.extract(
                    explained,
                    "nearest",
                    job.progress(),
                    (index, values) -> result.computeIfPresent(
                            explained.get(index).id(),
                            (_, prediction) -> prediction.with(nearest(
                                    explained.get(index),
                                    (int) values.get(0)[0],
                                    (int) values.get(1)[0],
                                    values.get(2)[0]))));
        }
        return result;
    }

    private boolean isExplained(TestPrediction prediction) {
        String normalLabel = job.labels().getFirst();
        return !prediction.predicted().equals(normalLabel)
                || !prediction.label().equals(normalLabel);
    }

    private static boolean isRight(TestPrediction prediction) {
        return prediction.predicted().equals(prediction.label());
    }

    private NearestNormal nearest(TrainingImage image, int place, int patch, double distance) {
        TrainingImage other = normal.get(bank.origins().images()[patch]);
        return new NearestNormal(
                place(place, image), other.id(), null, place(bank.origins().places()[patch], other), distance);
    }

    /** The place of an image that a place of the grid is. */
    private Place place(int index, TrainingImage image) {
        FeatureMap grid = features.finest();
        Place ofInput = Place.around(index % grid.width(), index / grid.width(), grid.width(), grid.height());
        InputGeometry geometry = geometry(image);
        double left = geometry.across().ofImage(ofInput.left());
        double top = geometry.down().ofImage(ofInput.top());
        double right = geometry.across().ofImage(ofInput.left() + ofInput.width());
        double bottom = geometry.down().ofImage(ofInput.top() + ofInput.height());
        return Place.between(left, top, right, bottom);
    }

    private InputGeometry geometry(TrainingImage image) {
        ImageInspection size = image.header();
        return job.backbone().preprocessing().geometry(size.width(), size.height());
    }
}
