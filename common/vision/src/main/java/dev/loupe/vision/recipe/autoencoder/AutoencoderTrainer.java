package dev.loupe.vision.recipe.autoencoder;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.anomaly.AnomalyGraph;
import dev.loupe.vision.anomaly.AnomalyTrainer;
import dev.loupe.vision.anomaly.RegressionTraining;
import dev.loupe.vision.anomaly.RegressionTraining.Examples;
import dev.loupe.vision.net.Layer;
import dev.loupe.vision.net.Layer.BatchNorm;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Layer.Relu;
import dev.loupe.vision.net.Layer.Upsample;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetOnnx;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a convolutional autoencoder. What it can't reconstruct is anomalous.
 *
 * <p>Source of the kind of network: Bergmann et al., "Improving Unsupervised Defect Segmentation by Applying Structural
 * Similarity to Autoencoders", VISAPP 2019, section 3, with the L2 loss.
 *
 * <p>The state is saved after epochs, as that of a classifier's training. Deterministic for given images, parameters, seed,
 * number of threads and machine.
 */
final class AutoencoderTrainer {
    private static final float[] MEAN = {.5f, .5f, .5f};
    private static final float[] STD = {.25f, .25f, .25f};
    /** The map is smoothed by a Gaussian of half of it. */
    private static final int SMOOTHED_PIXELS = 4;

    private AutoencoderTrainer() {}

    /**
     * Trains on the TRAIN images, keeps the epoch that is best on the normal DEV images, chooses the threshold on the DEV
     * images and evaluates on the TEST images. Resumes from the job's latest checkpoint.
     *
     * @param job job with the labels normal and abnormal, in this order
     * @return the model; its file is {@code model.onnx} in the job's work folder
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     * @throws dev.loupe.vision.classification.NonFiniteLossException if training diverges
     * @throws IllegalArgumentException if there is an abnormal TRAIN image, too few normal ones,
     *     or a file is not an image
     */
    static TrainedModel train(TrainingJob job, AutoencoderParameters parameters) {
        AnomalyTrainer.requireTwoLabels(job);
        AnomalyTrainer.normalTrainImages(job, "autoencoder");
        Preprocessing preprocessing = new Preprocessing(parameters.imageSize(), parameters.imageSize(), 255, MEAN, STD)
                .with(parameters.region().preparation(parameters.filters()));
        Net net = net(parameters);
        RegressionTraining.Result trained = RegressionTraining.train(
                job,
                net,
                examples(job, Split.TRAIN, preprocessing),
                examples(job, Split.DEV, preprocessing),
                parameters.training());
        byte[] onnx = onnx(net, trained.weights(), preprocessing, parameters);
        return AnomalyTrainer.evaluated(job, onnx, preprocessing, trained.resumedFrom());
    }

    private static Examples examples(TrainingJob job, Split split, Preprocessing preprocessing) {
        return new Examples(AnomalyTrainer.normalImages(job, split, preprocessing), (images, _) -> images);
    }

    /** Four halvings of the side to the code, and four doublings back. */
    static Net net(AutoencoderParameters parameters) {
        int width = parameters.width();
        int[] down = {3, width, 2 * width, 4 * width, parameters.code()};
        int[] up = {parameters.code(), 4 * width, 2 * width, width, width};
        List<Layer> layers = new ArrayList<>();
        for (int i = 1; i < down.length; i++) {
            layers.addAll(List.of(new Convolution(down[i - 1], down[i], 3, 2), new BatchNorm(down[i]), new Relu()));
        }
        for (int i = 1; i < up.length; i++) {
            layers.addAll(List.of(
                    new Upsample(2), new Convolution(up[i - 1], up[i], 3, 1), new BatchNorm(up[i]), new Relu()));
        }
        layers.add(new Convolution(width, 3, 3, 1, 1, 1, true));
        return new Net(layers);
    }

    static byte[] onnx(Net net, List<float[]> weights, Preprocessing preprocessing, AutoencoderParameters parameters) {
        int side = preprocessing.width();
        OnnxGraph graph = OnnxGraph.create("autoencoder");
        String image = graph.input("image", -1, 3, side, side);
        String difference = graph.node("Sub", List.of(image, NetOnnx.append(graph, image, side, net, weights)));
        String errors = graph.reshape(graph.reduce("ReduceL2", difference, false, 1), -1, (long) side * side);
        FeatureMap pixels = new FeatureMap("pixels", 3, side, side, SMOOTHED_PIXELS);
        String map = AnomalyGraph.appendMap(graph, errors, pixels, preprocessing);
        graph.output(parameters.score().appendTo(graph, map, preprocessing), Predictor.ANOMALY_SCORE, -1);
        return graph.toBytes();
    }
}
