package dev.loupe.vision.recipe.padim;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.anomaly.AnomalyGraph;
import dev.loupe.vision.anomaly.AnomalyTrainer;
import dev.loupe.vision.anomaly.SelectedFeatures;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.List;

/**
 * Trains PaDiM: a Gaussian of the features of normal images for each place; a place at a large Mahalanobis distance is
 * anomalous.
 *
 * <p>Source: Defard et al., "PaDiM: a Patch Distribution Modeling Framework for Anomaly Detection and Localization", ICPR
 * 2021, section III. In contrast to the paper, features are those of {@link dev.loupe.vision.anomaly.PatchFeatures}, and the covariance is shrunk
 * (see {@link CovarianceEstimate}).
 *
 * <p>There is no checkpoint: one pass over the TRAIN images is all. Deterministic for given images, backbone, parameters
 * and seed.
 */
final class PadimTrainer {
    /** Most bytes of the factors of the inverse covariances in a model. */
    static final long MAX_FACTOR_BYTES = 128L << 20;

    private final TrainingJob job;
    private final PadimParameters parameters;
    private final SelectedFeatures features;

    private PadimTrainer(TrainingJob job, PadimParameters parameters) {
        this.job = job;
        this.parameters = parameters;
        this.features = SelectedFeatures.of(job.backbone(), parameters.features(), job.seed());
    }

    /**
     * Trains on the TRAIN images, chooses the threshold on the DEV images and evaluates on the TEST images.
     *
     * @param job job with the labels normal and abnormal, in this order
     * @return the model; its file is {@code model.onnx} in the job's work folder
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     * @throws dev.loupe.model.onnx.InvalidOnnxException if the backbone has no suitable feature maps
     * @throws IllegalArgumentException if there is no backbone, an abnormal TRAIN image, too few
     *     normal ones, a file is not an image, or the model would be too large
     */
    static TrainedModel train(TrainingJob job, PadimParameters parameters) {
        AnomalyTrainer.requireBackbone(job);
        List<TrainingImage> images = AnomalyTrainer.normalTrainImages(job, "padim");
        PadimTrainer trainer = new PadimTrainer(job, parameters);
        trainer.requireFeasibleSize();
        return AnomalyTrainer.evaluated(
                job, trainer.onnx(trainer.fit(images)), job.backbone().preprocessing(), null);
    }

    private void requireFeasibleSize() {
        long perFeature = (long) features.all().places() * features.count() * Float.BYTES;
        if (perFeature * features.count() > MAX_FACTOR_BYTES) {
            int most =
                    (int) Math.sqrt((double) MAX_FACTOR_BYTES / features.all().places() / Float.BYTES);
            throw new IllegalArgumentException("features: expected at most " + most + " for a grid of "
                    + features.all().finest().width() + " x "
                    + features.all().finest().height() + " places, got "
                    + features.count() + ": use fewer features or smaller images");
        }
    }

    private PlaceGaussians fit(List<TrainingImage> images) {
        OnnxGraph graph = job.backbone().graph();
        graph.output(features.appendTo(graph), "selected", -1, features.all().places(), features.count());
        PlaceStatistics statistics = new PlaceStatistics(features.all().places(), features.count());
        try (FeatureExtractor extractor = new FeatureExtractor(
                graph.toBytes(), job.backbone().preprocessing(), List.of("selected"), job.threads())) {
            extractor.extract(images, "features", job.progress(), (_, outputs) -> statistics.add(outputs.getFirst()));
        }
        return statistics.fit(parameters.covariance(), parameters.epsilon(), job.progress());
    }

    private byte[] onnx(PlaceGaussians gaussians) {
        OnnxGraph graph = job.backbone().graph();
        Preprocessing preprocessing = job.backbone().preprocessing();
        String distances = gaussians.appendTo(graph, features.appendTo(graph));
        String map = AnomalyGraph.appendMap(graph, distances, features.all().finest(), preprocessing);
        String score = parameters.score().appendTo(graph, map, preprocessing);
        graph.output(score, Predictor.ANOMALY_SCORE, -1);
        return graph.toBytes();
    }
}
