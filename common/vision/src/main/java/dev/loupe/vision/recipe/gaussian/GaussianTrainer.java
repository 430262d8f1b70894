package dev.loupe.vision.recipe.gaussian;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.anomaly.AnomalyGraph;
import dev.loupe.vision.anomaly.AnomalyTrainer;
import dev.loupe.vision.anomaly.PatchFeatures;
import dev.loupe.vision.net.Layer.AdaptiveAverage;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Trains a Gaussian of features that are pooled over a few cells of the image.
 *
 * <p>Source: Ahuja et al., "Probabilistic Modeling of Deep Features for Out-of-Distribution and Adversarial Detection",
 * 2019, section 3; the map of the reconstruction error is that of Ndiour et al., "Subspace Modeling for Fast
 * Out-Of-Distribution and Anomaly Detection", ICIP 2022.
 *
 * <p>There is no checkpoint: one pass over the TRAIN images is all. Deterministic for given images, backbone, parameters
 * and seed.
 */
final class GaussianTrainer {
    /** Cells along a side, if the backbone's map has as many places. */
    private static final int CELLS = 8;
    /** Most images that are used: the principal components of more take long. */
    private static final int MAX_IMAGES = 500;
    /** Most bytes of the features of all images. */
    private static final long MAX_FEATURE_BYTES = 256L << 20;

    private final TrainingJob job;
    private final GaussianParameters parameters;
    private final PatchFeatures features;
    /** Number of rows and columns of cells. */
    private final int rows;

    private final int columns;

    private GaussianTrainer(TrainingJob job, GaussianParameters parameters) {
        this.job = job;
        this.parameters = parameters;
        this.features = PatchFeatures.of(job.backbone());
        this.rows = Math.min(CELLS, features.finest().height());
        this.columns = Math.min(CELLS, features.finest().width());
    }

    /**
     * Trains on the TRAIN images, chooses the threshold on the DEV images and evaluates on the TEST images.
     *
     * @param job job with the labels normal and abnormal, in this order
     * @return the model; its file is {@code model.onnx} in the job's work folder
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     * @throws dev.loupe.model.onnx.InvalidOnnxException if the backbone has no suitable feature maps
     * @throws IllegalArgumentException if there is no backbone, an abnormal TRAIN image, too few
     *     normal ones, or a file is not an image
     */
    static TrainedModel train(TrainingJob job, GaussianParameters parameters) {
        AnomalyTrainer.requireBackbone(job);
        List<TrainingImage> images = AnomalyTrainer.normalTrainImages(job, "gaussian");
        GaussianTrainer trainer = new GaussianTrainer(job, parameters);
        return AnomalyTrainer.evaluated(
                job, trainer.onnx(trainer.fit(images)), job.backbone().preprocessing(), null);
    }

    private int size() {
        return rows * columns * features.channels();
    }

    private FeatureGaussian fit(List<TrainingImage> images) {
        long most = Math.clamp(MAX_FEATURE_BYTES / Double.BYTES / size(), AnomalyTrainer.FEWEST_IMAGES, MAX_IMAGES);
        List<TrainingImage> used = images;
        if (images.size() > most) {
            used = new ArrayList<>(images);
            Collections.shuffle(used, new Random(job.seed()));
            used = used.subList(0, (int) most);
        }
        double[] vectors = new double[Math.multiplyExact(used.size(), size())];
        OnnxGraph graph = job.backbone().graph();
        graph.output(pooled(graph), "pooled_cells", -1, size());
        try (FeatureExtractor extractor = new FeatureExtractor(
                graph.toBytes(), job.backbone().preprocessing(), List.of("pooled_cells"), job.threads())) {
            extractor.extract(used, "features", job.progress(), (index, outputs) -> {
                for (int i = 0; i < size(); i++) {
                    vectors[index * size() + i] = outputs.getFirst()[i];
                }
            });
        }
        job.progress().check();
        job.progress().report("fit", 0, 1, Map.of());
        FeatureGaussian gaussian = FeatureGaussian.fit(vectors, used.size(), parameters.variance());
        job.progress().report("fit", 1, 1, Map.of());
        job.progress().check();
        return gaussian;
    }

    /** The features, averaged over the places of each cell: [n, cells * channels]. */
    private String pooled(OnnxGraph graph) {
        int height = features.finest().height();
        int width = features.finest().width();
        String byPlace = features.appendTo(graph);
        String maps = graph.reshape(
                graph.node("Transpose", List.of(byPlace), OnnxAttribute.of("perm", new long[] {0, 2, 1})),
                0,
                features.channels(),
                height,
                width);
        String rowShares = graph.floats("row_shares", new AdaptiveAverage(rows).shares(height), rows, height);
        String columnShares = graph.node(
                "Transpose",
                List.of(graph.floats("column_shares", new AdaptiveAverage(columns).shares(width), columns, width)),
                OnnxAttribute.of("perm", new long[] {1, 0}));
        String cells = graph.node("MatMul", List.of(rowShares, graph.node("MatMul", List.of(maps, columnShares))));
        String byCell = graph.node(
                "Transpose",
                List.of(graph.reshape(cells, 0, features.channels(), rows * columns)),
                OnnxAttribute.of("perm", new long[] {0, 2, 1}));
        return graph.reshape(byCell, 0, size());
    }

    private byte[] onnx(FeatureGaussian gaussian) {
        OnnxGraph graph = job.backbone().graph();
        Preprocessing preprocessing = job.backbone().preprocessing();
        FeatureGaussian.Distances distances =
                gaussian.appendTo(graph, pooled(graph), rows * columns, parameters.distance());
        graph.output(distances.ofImage(), Predictor.ANOMALY_SCORE, -1);
        FeatureMap grid = new FeatureMap("cells", features.channels(), rows, columns, preprocessing.height() / rows);
        AnomalyGraph.appendMap(graph, distances.ofCells(), grid, preprocessing);
        return graph.toBytes();
    }
}
