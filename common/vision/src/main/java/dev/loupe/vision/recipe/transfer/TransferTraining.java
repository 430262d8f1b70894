package dev.loupe.vision.recipe.transfer;

import dev.loupe.contracts.Split;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.FeatureExamples;
import dev.loupe.vision.classification.SoftmaxTraining;
import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import dev.loupe.vision.classification.Standardisation;
import dev.loupe.vision.classification.TrainingCheckpoints;
import dev.loupe.vision.classification.TrainingExamples;
import dev.loupe.vision.classification.TrainingState;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetOnnx;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.List;

/**
 * Transfer learning: computes each image's description by the backbone once, standardizes it, and trains a linear head
 * on it. The model is backbone, standardization, head and softmax in one graph.
 */
final class TransferTraining {
    private static final double PENALTY = 1e-3;
    private static final int PATIENCE = 20;

    private final TrainingJob job;
    private final TransferParameters parameters;
    private final TrainingCheckpoints checkpoints;

    TransferTraining(TrainingJob job, TransferParameters parameters, TrainingCheckpoints checkpoints) {
        this.job = job;
        this.parameters = parameters;
        this.checkpoints = checkpoints;
    }

    /** Trains and returns the model file. */
    byte[] run() {
        List<TrainingImage> train = job.images(Split.TRAIN);
        List<TrainingImage> dev = job.images(Split.DEV);
        List<TrainingImage> both = new ArrayList<>(train);
        both.addAll(dev);
        List<float[]> rows = features(both);
        Standardisation standardisation =
                Standardisation.of(rows.subList(0, train.size()), ImageDescription.colours(job.backbone()));
        TrainingExamples trainExamples =
                new FeatureExamples(rows.subList(0, train.size()), labels(train), standardisation);
        TrainingExamples devExamples =
                new FeatureExamples(rows.subList(train.size(), both.size()), labels(dev), standardisation);

        Net head =
                Net.linear(ImageDescription.size(job.backbone()), job.labels().size());
        TrainingState trained = new SoftmaxTraining(head, trainExamples, devExamples, plan(), job.progress())
                .run(checkpoints.stateOr(head.initialWeights(job.seed())), state -> checkpoints.saveEpoch(rows, state));
        return model(standardisation, head, trained.best().weights());
    }

    private Plan plan() {
        return new Plan(
                parameters.epochs(), parameters.batchSize(), parameters.learningRate(), PENALTY, PATIENCE, job.seed());
    }

    private int[] labels(List<TrainingImage> images) {
        return images.stream()
                .mapToInt(image -> job.labels().indexOf(image.label()))
                .toArray();
    }

    private List<float[]> features(List<TrainingImage> images) {
        List<float[]> rows = new ArrayList<>(checkpoints.features());
        if (rows.size() == images.size()) {
            return rows;
        }
        int known = rows.size();
        OnnxGraph graph = job.backbone().graph();
        graph.output(
                ImageDescription.append(graph, job.backbone()),
                "description",
                -1,
                ImageDescription.size(job.backbone()));
        try (FeatureExtractor extractor = new FeatureExtractor(
                graph.toBytes(), job.backbone().preprocessing(), List.of("description"), job.threads())) {
            extractor.extract(images.subList(known, images.size()), "features", job.progress(), (index, features) -> {
                rows.add(features.getFirst());
                checkpoints.saveFeatures(rows, images.size());
            });
        }
        return rows;
    }

    private byte[] model(Standardisation standardisation, Net head, List<float[]> weights) {
        OnnxGraph graph = job.backbone().graph();
        int size = standardisation.mean().length;
        String description = ImageDescription.append(graph, job.backbone());
        String centred =
                graph.node("Sub", List.of(description, graph.floats("feature_mean", standardisation.mean(), size)));
        String standard = graph.node(
                "Div", List.of(centred, graph.floats("feature_deviation", standardisation.deviation(), size)));
        String scores = NetOnnx.append(graph, standard, 1, head, weights);
        graph.output(
                graph.node("Softmax", List.of(scores), OnnxAttribute.of("axis", 1)),
                Predictor.PROBABILITIES,
                -1,
                job.labels().size());
        return graph.toBytes();
    }
}
