package dev.loupe.vision.recipe.transfer;

import dev.loupe.contracts.Split;
import dev.loupe.model.backbone.Backbone;
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
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.List;

/**
 * Computes each image's description by the backbone once, standardizes it, and trains a linear head on it.
 */
public final class HeadTraining {
    private static final String DESCRIPTION = "description";
    private static final double PENALTY = 1e-3;
    private static final int PATIENCE = 20;

    private final TrainingJob job;
    private final TrainingCheckpoints checkpoints;
    private final Net head;
    private final List<float[]> rows;
    private final Standardisation standardisation;

    /** Computes the descriptions of the TRAIN and DEV images that the latest checkpoint lacks. */
    public HeadTraining(TrainingJob job, TrainingCheckpoints checkpoints) {
        this.job = job;
        this.checkpoints = checkpoints;
        head = Net.linear(ImageDescription.size(job.backbone()), job.labels().size());
        List<TrainingImage> images = new ArrayList<>(job.images(Split.TRAIN));
        images.addAll(job.images(Split.DEV));
        rows = features(images);
        standardisation = Standardisation.of(trainRows(), ImageDescription.colours(job.backbone()));
    }

    /** A model that computes the description of an image. */
    public static byte[] describing(Backbone backbone) {
        OnnxGraph graph = backbone.graph();
        graph.output(ImageDescription.append(graph, backbone), DESCRIPTION, -1, ImageDescription.size(backbone));
        return graph.toBytes();
    }

    private List<float[]> features(List<TrainingImage> images) {
        List<float[]> features = new ArrayList<>(checkpoints.features());
        int known = features.size();
        if (known == images.size()) {
            return features;
        }
        try (FeatureExtractor extractor = new FeatureExtractor(
                describing(job.backbone()), job.backbone().preprocessing(), List.of(DESCRIPTION), job.threads())) {
            extractor.extract(images.subList(known, images.size()), "features", job.progress(), (index, outputs) -> {
                features.add(outputs.getFirst());
                checkpoints.saveFeatures(features, images.size());
            });
        }
        return features;
    }

    private List<float[]> trainRows() {
        return rows.subList(0, job.images(Split.TRAIN).size());
    }

    /** Trains the head from the latest checkpoint, or from the beginning. */
    public TrainingState run(int epochs, int batchSize, double learningRate, Progress progress) {
        TrainingExamples train = new FeatureExamples(trainRows(), job.classes(Split.TRAIN), standardisation);
        TrainingExamples dev = new FeatureExamples(
                rows.subList(trainRows().size(), rows.size()), job.classes(Split.DEV), standardisation);
        Plan plan = new Plan(epochs, batchSize, learningRate, PENALTY, PATIENCE, job.seed());
        return new SoftmaxTraining(head, train, dev, plan, progress)
                .run(checkpoints.stateOr(head.initialWeights(job.seed())), this::save);
    }

    /** Saves the state after an epoch, with the descriptions. */
    public void save(TrainingState state) {
        checkpoints.saveEpoch(rows, state);
    }

    /**
     * Appends description, standardisation and head to the backbone.
     *
     * @param weights the head's weights
     * @return the name of the value with the scores of the classes
     */
    public String append(OnnxGraph graph, List<float[]> weights) {
        int size = standardisation.mean().length;
        String description = ImageDescription.append(graph, job.backbone());
        String centred =
                graph.node("Sub", List.of(description, graph.floats("feature_mean", standardisation.mean(), size)));
        String standard = graph.node(
                "Div", List.of(centred, graph.floats("feature_deviation", standardisation.deviation(), size)));
        return NetOnnx.append(graph, standard, 1, head, weights);
    }

    /** The head's weights before it is trained. */
    public List<float[]> initialWeights() {
        return head.initialWeights(job.seed());
    }
}
