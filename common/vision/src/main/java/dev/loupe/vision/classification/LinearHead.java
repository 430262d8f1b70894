package dev.loupe.vision.classification;

import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.training.Progress;
import java.util.Arrays;
import java.util.List;

/** A linear head that was trained on features as the transfer recipe does it, for a fixed number of epochs. */
final class LinearHead {
    /** Number of epochs of a training. */
    static final int EPOCHS = 60;

    private static final int BATCH_SIZE = 64;
    private static final double LEARNING_RATE = 0.003;
    private static final double PENALTY = 1e-3;

    private final int classes;
    private final float[] weights;
    private final float[] biases;

    private LinearHead(int classes, float[] weights, float[] biases) {
        this.classes = classes;
        this.weights = weights;
        this.biases = biases;
    }

    /**
     * Trains a head.
     *
     * @param initialSeed seed of the weights that it begins with
     * @param orderSeed seed of the order of the examples
     * @throws dev.loupe.vision.training.CancelledException if the progress is cancelled
     */
    static LinearHead train(
            FeatureExamples examples, int classes, long initialSeed, long orderSeed, Progress progress) {
        FeatureExamples none = new FeatureExamples(List.of(), new int[0], examples.standardisation());
        Net head = Net.linear(examples.length(), classes);
        Plan plan = new Plan(EPOCHS, BATCH_SIZE, LEARNING_RATE, PENALTY, EPOCHS, orderSeed);
        TrainingState state = new SoftmaxTraining(head, examples, none, plan, progress)
                .run(TrainingState.initial(head.initialWeights(initialSeed)), _ -> {});
        return new LinearHead(
                classes, state.weights().getFirst(), state.weights().getLast());
    }

    /** The probability of each class for an example. */
    double[] probabilities(FeatureExamples examples, int index) {
        double[] scores = scores(examples, index);
        double most = Arrays.stream(scores).max().orElseThrow();
        double[] shares =
                Arrays.stream(scores).map(score -> Math.exp(score - most)).toArray();
        double sum = Arrays.stream(shares).sum();
        return Arrays.stream(shares).map(share -> share / sum).toArray();
    }

    /** The most probable class of an example. */
    int predicted(FeatureExamples examples, int index) {
        double[] scores = scores(examples, index);
        int most = 0;
        for (int c = 1; c < classes; c++) {
            most = scores[c] > scores[most] ? c : most;
        }
        return most;
    }

    private double[] scores(FeatureExamples examples, int index) {
        float[] row = new float[examples.length()];
        examples.write(index, null, row, 0);
        double[] scores = new double[classes];
        for (int c = 0; c < classes; c++) {
            scores[c] = biases[c];
            for (int i = 0; i < row.length; i++) {
                scores[c] += (double) weights[c * row.length + i] * row[i];
            }
        }
        return scores;
    }
}
