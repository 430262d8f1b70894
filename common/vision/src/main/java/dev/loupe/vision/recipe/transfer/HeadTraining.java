package dev.loupe.vision.recipe.transfer;

import dev.loupe.contracts.Split;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.classification.SoftmaxTraining;
import dev.loupe.vision.classification.TrainingCheckpoints;
import dev.loupe.vision.classification.TrainingState;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetOnnx;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingJob;
import java.util.List;

/**
 * Computes each image's description by the backbone once, standardizes it, and trains a head on it.
 */
public final class HeadTraining {
    private final TrainingJob job;
    private final TransferParameters parameters;
    private final TrainingCheckpoints checkpoints;
    private final Net head;
    private final Descriptions descriptions;

    /** Computes the descriptions of the TRAIN and DEV images that the latest checkpoint lacks. */
    public HeadTraining(TrainingJob job, TransferParameters parameters, TrainingCheckpoints checkpoints) {
        this.job = job;
        this.parameters = parameters;
        this.checkpoints = checkpoints;
        head = parameters.head(
                ImageDescription.size(job.backbone()), job.labels().size());
        descriptions = new Descriptions(job, checkpoints);
    }

    /** Trains the head from the latest checkpoint, or from the beginning. */
    public TrainingState run(Progress progress) {
        return new SoftmaxTraining(
                        head,
                        descriptions.examples(Split.TRAIN),
                        descriptions.examples(Split.DEV),
                        parameters.plan(job.seed()),
                        progress)
                .run(checkpoints.stateOr(head.initialWeights(job.seed())), this::save);
    }

    /** Saves the state after an epoch, with the descriptions. */
    public void save(TrainingState state) {
        checkpoints.saveEpoch(descriptions.rows(), state);
    }

    /**
     * Appends description, standardisation and head to the backbone.
     *
     * @param weights the head's weights
     * @return the name of the value with the scores of the classes
     */
    public String append(OnnxGraph graph, List<float[]> weights) {
        return NetOnnx.append(graph, descriptions.append(graph), 1, head, weights);
    }

    /** The head's weights before it is trained. */
    public List<float[]> initialWeights() {
        return head.initialWeights(job.seed());
    }
}
