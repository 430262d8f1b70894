package dev.loupe.vision.recipe.scratch;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.classification.ImageExamples;
import dev.loupe.vision.classification.SoftmaxTraining;
import dev.loupe.vision.classification.TrainingCheckpoints;
import dev.loupe.vision.classification.TrainingExamples;
import dev.loupe.vision.classification.TrainingState;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetOnnx;
import dev.loupe.vision.training.TrainingJob;
import java.util.List;

/** Trains a network from scratch, on images that are changed at random. */
final class ScratchTraining {
    private static final float[] MEAN = {.5f, .5f, .5f};
    private static final float[] STD = {.25f, .25f, .25f};

    private final TrainingJob job;
    private final ScratchParameters parameters;
    private final Preprocessing preprocessing;
    private final TrainingCheckpoints checkpoints;

    ScratchTraining(
            TrainingJob job,
            ScratchParameters parameters,
            Preprocessing preprocessing,
            TrainingCheckpoints checkpoints) {
        this.job = job;
        this.parameters = parameters;
        this.preprocessing = preprocessing;
        this.checkpoints = checkpoints;
    }

    static Preprocessing preprocessing(int side) {
        return new Preprocessing(side, side, 255, MEAN, STD);
    }

    /** Trains and returns the model file. */
    byte[] run() {
        Net net = parameters.network().build(job.labels().size());
        TrainingState trained = new SoftmaxTraining(
                        net,
                        examples(Split.TRAIN),
                        examples(Split.DEV),
                        parameters.optimization().plan(parameters.epochs(), job.seed()),
                        job.progress())
                .run(
                        checkpoints.stateOr(net.initialWeights(job.seed())),
                        state -> checkpoints.saveEpoch(List.of(), state));
        OnnxGraph graph = OnnxGraph.create("classifier");
        String image = graph.input("image", -1, 3, preprocessing.height(), preprocessing.width());
        String scores = NetOnnx.append(
                graph, image, preprocessing.width(), net, trained.best().weights());
        return ClassifierTrainer.model(graph, scores, job.labels());
    }

    private TrainingExamples examples(Split split) {
        return new ImageExamples(
                job,
                split,
                preprocessing,
                parameters.augmentation().augmentation(),
                parameters.augmentation().mixing());
    }
}
