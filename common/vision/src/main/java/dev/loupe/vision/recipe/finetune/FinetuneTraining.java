package dev.loupe.vision.recipe.finetune;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.classification.ImageExamples;
import dev.loupe.vision.classification.SoftmaxTraining;
import dev.loupe.vision.classification.TrainingCheckpoints;
import dev.loupe.vision.classification.TrainingExamples;
import dev.loupe.vision.classification.TrainingState;
import dev.loupe.vision.net.imported.ImportedNet;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.recipe.transfer.HeadTraining;
import dev.loupe.vision.recipe.transfer.TransferParameters;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingJob;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * Fine-tuning in three stages: the head on the backbone's frozen description of each image, as the recipe transfer does;
 * then the backbone's last layers with it; then all layers. The model is the backbone's graph with its new weights,
 * description, standardization, head and softmax.
 *
 * <p>Source: Howard and Ruder, "Universal Language Model Fine-tuning", ACL 2018, section 3: gradual unfreezing and
 * discriminative learning rates.
 */
final class FinetuneTraining {
    private static final String SCORES = "scores";
    private static final int LAST_LAYERS = 2;
    private static final int ALL_LAYERS = 3;

    private final TrainingJob job;
    private final FinetuneParameters parameters;
    private final TrainingCheckpoints checkpoints;

    FinetuneTraining(TrainingJob job, FinetuneParameters parameters, TrainingCheckpoints checkpoints) {
        this.job = job;
        this.parameters = parameters;
        this.checkpoints = checkpoints;
    }

    /** Trains and returns the model file. */
    byte[] run() {
        verify();
        HeadTraining head = new HeadTraining(
                job,
                TransferParameters.linear(
                        parameters.headEpochs(), parameters.optimization().balance()),
                checkpoints);
        ImportedNet net;
        TrainingState state;
        if (checkpoints.stage() == 1) {
            TrainingState trained = head.run(progress(1));
            net = network(head, trained.best().weights());
            state = trained.next(net.initialWeights());
        } else {
            net = network(head, head.initialWeights());
            state = checkpoints.stateOr(net.initialWeights());
        }
        TrainingExamples train = examples(Split.TRAIN);
        TrainingExamples dev = examples(Split.DEV);
        while (state.stage() <= ALL_LAYERS) {
            TrainingState trained = training(net, state.stage(), train, dev).run(state, head::save);
            state = trained.next(trained.best().weights());
        }
        OnnxGraph graph = net.graph(state.weights()).withoutOutputs();
        return ClassifierTrainer.model(graph, SCORES, job.labels());
    }

    /** Finds out before the first stage whether the backbone can be trained. */
    private void verify() {
        Preprocessing preprocessing = job.backbone().preprocessing();
        float[] image = new float[preprocessing.size()];
        examples(Split.TRAIN).write(0, null, image, 0);
        ImportedNet.read(Descriptions.describing(job.backbone()))
                .verify(image, 1, 3, preprocessing.height(), preprocessing.width());
    }

    private ImportedNet network(HeadTraining head, List<float[]> weights) {
        OnnxGraph graph = job.backbone().graph();
        graph.output(head.append(graph, weights), SCORES, -1, job.labels().size());
        return ImportedNet.read(graph.toBytes());
    }

    private TrainingExamples examples(Split split) {
        return new ImageExamples(
                job,
                split,
                job.backbone().preprocessing(),
                parameters.augmentation().augmentation(),
                parameters.augmentation().mixing());
    }

    private SoftmaxTraining training(ImportedNet net, int stage, TrainingExamples train, TrainingExamples dev) {
        IntToDoubleFunction rates = rates(net.layers(), stage);
        return new SoftmaxTraining(
                (weights, input, manager) -> net.build(weights, rates, parameters.freezeStatistics(), manager),
                train,
                dev,
                parameters.optimization().plan(epochs(stage), job.seed() + stage),
                progress(stage));
    }

    private int epochs(int stage) {
        return switch (stage) {
            case 1 -> parameters.headEpochs();
            case LAST_LAYERS -> parameters.lastEpochs();
            default -> parameters.allEpochs();
        };
    }

    /** The last layer is the head. */
    private IntToDoubleFunction rates(int layers, int stage) {
        int head = layers - 1;
        double frozen = stage == LAST_LAYERS ? head * (1 - parameters.lastLayers()) : 0;
        return layer -> layer < Math.round(frozen)
                ? 0
                : Math.pow(parameters.firstLayerRate(), (double) (head - layer) / Math.max(1, head));
    }

    /** Counts the epochs of all stages. */
    private Progress progress(int stage) {
        int before = 0;
        for (int earlier = 1; earlier < stage; earlier++) {
            before += epochs(earlier);
        }
        int all = epochs(1) + epochs(LAST_LAYERS) + epochs(ALL_LAYERS);
        return new StageProgress(job.progress(), before, all);
    }

    private record StageProgress(Progress whole, int before, int all) implements Progress {
        @Override
        public void report(String phase, long done, long total, Map<String, Double> metrics) {
            whole.report(phase, before + done, all, metrics);
        }

        @Override
        public boolean cancelled() {
            return whole.cancelled();
        }
    }
}
