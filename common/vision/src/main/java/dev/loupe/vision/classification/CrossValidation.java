package dev.loupe.vision.classification;

import dev.loupe.vision.classification.SoftmaxTraining.Plan;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.training.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Probabilities of the classes of images by linear heads that have not learned from them: the images are dealt out to
 * {@value #FOLDS} folds, and those of a fold are predicted by a head that has learned from the other folds. Each fold has
 * the same share of each class, if possible. Deterministic for a given seed, number of threads and machine.
 */
public final class CrossValidation {
    /** Number of folds. */
    public static final int FOLDS = 5;

    // Those of the head of the transfer recipe.
    private static final int EPOCHS = 60;
    private static final int BATCH_SIZE = 64;
    private static final double LEARNING_RATE = 0.003;
    private static final double PENALTY = 1e-3;

    private final FeatureExamples examples;
    private final int classes;
    private final long seed;

    /**
     * @param examples features of the images, at least {@value #FOLDS} images
     * @param classes number of classes
     * @param seed seed of the folds and of the order of the examples
     */
    public CrossValidation(FeatureExamples examples, int classes, long seed) {
        if (examples.size() < FOLDS) {
            throw new IllegalArgumentException(
                    "cross-validation: expected at least " + FOLDS + " images, got " + examples.size());
        }
        this.examples = examples;
        this.classes = classes;
        this.seed = seed;
    }

    /**
     * Trains the heads. A class none of whose images is in the other folds has a low probability in a fold: it has been
     * learned from no image.
     *
     * @return for each image the probability of each class
     * @throws dev.loupe.vision.training.CancelledException if the progress is cancelled
     */
    public double[][] probabilities(Progress progress) {
        int[] folds = folds();
        double[][] probabilities = new double[examples.size()][];
        for (int fold = 0; fold < FOLDS; fold++) {
            int left = fold;
            Head head = trained(fold, indices(folds, index -> index != left), progress);
            for (int index : indices(folds, index -> index == left)) {
                probabilities[index] = head.probabilities(index);
            }
        }
        return probabilities;
    }

    /** The fold of each image: the images of a class are dealt out in a random order, the next class goes on from there. */
    int[] folds() {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, examples.size()).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        int[] folds = new int[examples.size()];
        int next = 0;
        for (int c = 0; c < classes; c++) {
            for (int index : order) {
                if (examples.label(index) == c) {
                    folds[index] = next++ % FOLDS;
                }
            }
        }
        return folds;
    }

    private static int[] indices(int[] folds, IntPredicate chosen) {
        return IntStream.range(0, folds.length)
                .filter(index -> chosen.test(folds[index]))
                .toArray();
    }

    private Head trained(int fold, int[] chosen, Progress progress) {
        FeatureExamples train = new FeatureExamples(
                Arrays.stream(chosen).mapToObj(examples.rows()::get).toList(),
                Arrays.stream(chosen).map(examples::label).toArray(),
                examples.standardisation());
        FeatureExamples none = new FeatureExamples(List.of(), new int[0], examples.standardisation());
        Net head = Net.linear(examples.length(), classes);
        Plan plan = new Plan(EPOCHS, BATCH_SIZE, LEARNING_RATE, PENALTY, EPOCHS, seed + fold);
        TrainingState state = new SoftmaxTraining(head, train, none, plan, progress)
                .run(TrainingState.initial(head.initialWeights(seed)), _ -> {});
        return new Head(state.weights().getFirst(), state.weights().getLast());
    }

    /** A linear head: weights by class and feature, and a bias for each class. */
    private final class Head {
        private final float[] weights;
        private final float[] biases;

        private Head(float[] weights, float[] biases) {
            this.weights = weights;
            this.biases = biases;
        }

        private double[] probabilities(int index) {
            float[] row = new float[examples.length()];
            examples.write(index, null, row, 0);
            double[] scores = new double[classes];
            for (int c = 0; c < classes; c++) {
                scores[c] = biases[c];
                for (int i = 0; i < row.length; i++) {
                    scores[c] += (double) weights[c * row.length + i] * row[i];
                }
            }
            double most = Arrays.stream(scores).max().orElseThrow();
            double[] shares =
                    Arrays.stream(scores).map(score -> Math.exp(score - most)).toArray();
            double sum = Arrays.stream(shares).sum();
            return Arrays.stream(shares).map(share -> share / sum).toArray();
        }
    }
}
