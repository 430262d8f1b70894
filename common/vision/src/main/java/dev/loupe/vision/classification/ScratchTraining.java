package dev.loupe.vision.classification;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetOnnx;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import dev.loupe.vision.training.TrainingParameters;
import java.util.List;

/** Trains a small residual network from scratch, on flipped and shifted images. */
final class ScratchTraining {
    private static final int IMAGE_SIZE = 64;
    private static final int EPOCHS = 40;
    private static final int BATCH_SIZE = 32;
    private static final double LEARNING_RATE = 2e-3;
    private static final double PENALTY = 5e-4;
    private static final int PATIENCE = 15;
    private static final float[] MEAN = {.5f, .5f, .5f};
    private static final float[] STD = {.25f, .25f, .25f};

    private final TrainingJob job;
    private final TrainingCheckpoints checkpoints;
    private final Preprocessing preprocessing;

    ScratchTraining(TrainingJob job, TrainingCheckpoints checkpoints) {
        this.job = job;
        this.checkpoints = checkpoints;
        Integer chosen = job.parameters().imageSize();
        int side = chosen == null ? IMAGE_SIZE : chosen;
        this.preprocessing = new Preprocessing(side, side, 255, MEAN, STD);
    }

    Preprocessing preprocessing() {
        return preprocessing;
    }

    /** Trains and returns the model file. */
    byte[] run() {
        Net net = Net.residual(job.labels().size());
        TrainingState trained = new SoftmaxTraining(
                        net, examples(Split.TRAIN), examples(Split.DEV), plan(), job.progress())
                .run(
                        checkpoints.stateOr(net.initialWeights(job.seed())),
                        state -> checkpoints.saveEpoch(List.of(), state));
        OnnxGraph graph = OnnxGraph.create("classifier");
        String image = graph.input("image", -1, 3, preprocessing.height(), preprocessing.width());
        String scores = NetOnnx.append(graph, image, net, trained.best().weights());
        graph.output(
                graph.node("Softmax", List.of(scores), OnnxAttribute.of("axis", 1)),
                ClassifierTrainer.OUTPUT,
                -1,
                job.labels().size());
        return graph.toBytes();
    }

    private Examples examples(Split split) {
        List<TrainingImage> images = job.images(split);
        int[] labels = images.stream()
                .mapToInt(image -> job.labels().indexOf(image.label()))
                .toArray();
        return new ImageExamples(images, labels, preprocessing);
    }

    private Plan plan() {
        TrainingParameters chosen = job.parameters();
        return new Plan(
                chosen.epochs() == null ? EPOCHS : chosen.epochs(),
                chosen.batchSize() == null ? BATCH_SIZE : chosen.batchSize(),
                chosen.learningRate() == null ? LEARNING_RATE : chosen.learningRate(),
                PENALTY,
                PATIENCE,
                job.seed());
    }
}
