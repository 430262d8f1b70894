package dev.loupe.vision.recipe.padim;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.anomaly.AnomalyGraph;
import dev.loupe.vision.anomaly.AnomalyTrainer;
import dev.loupe.vision.anomaly.PatchFeatures;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Trains PaDiM: a Gaussian of the features of normal images for each place; a place at a large Mahalanobis distance is
 * anomalous.
 *
 * <p>Source: Defard et al., "PaDiM: a Patch Distribution Modeling Framework for Anomaly Detection and Localization", ICPR
 * 2021, section III. In contrast to the paper, features are those of {@link PatchFeatures}, and the covariance is shrunk
 * (see {@link CovarianceEstimate}).
 *
 * <p>There is no checkpoint: one pass over the TRAIN images is all. Deterministic for given images, backbone, parameters
 * and seed.
 */
final class PadimTrainer {
    /** Two images are the fewest that differ. */
    static final int LEAST_IMAGES = 2;
    /** Most bytes of the factors of the inverse covariances in a model. */
    static final long MAX_FACTOR_BYTES = 128L << 20;

    private static final int COLOURS = 3;

    private final TrainingJob job;
    private final PadimParameters parameters;
    private final PatchFeatures features;
    private final int[] channels;

    private PadimTrainer(TrainingJob job, PadimParameters parameters) {
        this.job = job;
        this.parameters = parameters;
        this.features = PatchFeatures.of(job.backbone());
        this.channels = channels(features, parameters.features(), job.seed());
    }

    /**
     * Trains on the TRAIN images, chooses the threshold on the DEV images and evaluates on the TEST images.
     *
     * @param job job with the labels normal and abnormal, in this order
     * @return the model; its file is {@code model.onnx} in the job's work folder
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     * @throws dev.loupe.model.onnx.InvalidOnnxException if the backbone has no suitable feature maps
     * @throws IllegalArgumentException if there is no backbone, an abnormal TRAIN image, fewer than
     *     {@value #LEAST_IMAGES} normal ones, a file is not an image, or the model would be too large
     */
    static TrainedModel train(TrainingJob job, PadimParameters parameters) {
        AnomalyTrainer.requireBackbone(job);
        List<TrainingImage> images = AnomalyTrainer.normalTrainImages(job, "padim", LEAST_IMAGES);
        PadimTrainer trainer = new PadimTrainer(job, parameters);
        trainer.requireFeasibleSize();
        return AnomalyTrainer.evaluated(
                job, trainer.onnx(trainer.fit(images)), job.backbone().preprocessing(), null);
    }

    /** Returns the selected channels in ascending order; colours, if the features start with them, are among them. */
    static int[] channels(PatchFeatures features, int count, long seed) {
        int first = features.startWithColours() ? Math.min(COLOURS, count) : 0;
        int[] all = new int[features.channels()];
        Arrays.setAll(all, i -> i);
        int selected = Math.min(count, all.length);
        Random random = new Random(seed);
        for (int i = first; i < selected; i++) {
            int other = random.nextInt(i, all.length);
            int swapped = all[i];
            all[i] = all[other];
            all[other] = swapped;
        }
        int[] result = Arrays.copyOf(all, selected);
        Arrays.sort(result);
        return result;
    }

    private void requireFeasibleSize() {
        long perFeature = (long) features.places() * channels.length * Float.BYTES;
        if (perFeature * channels.length > MAX_FACTOR_BYTES) {
            int most = (int) Math.sqrt((double) MAX_FACTOR_BYTES / features.places() / Float.BYTES);
            throw new IllegalArgumentException("features: expected at most " + most + " for a grid of "
                    + features.finest().width() + " x " + features.finest().height() + " places, got "
                    + channels.length + ": use fewer features or smaller images");
        }
    }

    private PlaceGaussians fit(List<TrainingImage> images) {
        OnnxGraph graph = job.backbone().graph();
        graph.output(selected(graph), "selected", -1, features.places(), channels.length);
        PlaceStatistics statistics = new PlaceStatistics(features.places(), channels.length);
        try (FeatureExtractor extractor = new FeatureExtractor(
                graph.toBytes(), job.backbone().preprocessing(), List.of("selected"), job.threads())) {
            extractor.extract(images, "features", job.progress(), (_, outputs) -> statistics.add(outputs.getFirst()));
        }
        return statistics.fit(parameters.covariance(), parameters.epsilon(), job.progress());
    }

    /** The selected features of each place: [n, places, channels]. */
    private String selected(OnnxGraph graph) {
        long[] indices = Arrays.stream(channels).asLongStream().toArray();
        return graph.node(
                "Gather",
                List.of(features.appendTo(graph), graph.integers("selected_channels", indices)),
                OnnxAttribute.of("axis", 2));
    }

    private byte[] onnx(PlaceGaussians gaussians) {
        OnnxGraph graph = job.backbone().graph();
        Preprocessing preprocessing = job.backbone().preprocessing();
        String distances = gaussians.appendTo(graph, selected(graph));
        String map = AnomalyGraph.appendMap(graph, distances, features.finest(), preprocessing);
        String score = parameters.score().appendTo(graph, map, preprocessing);
        graph.output(score, Predictor.ANOMALY_SCORE, -1);
        return graph.toBytes();
    }
}
