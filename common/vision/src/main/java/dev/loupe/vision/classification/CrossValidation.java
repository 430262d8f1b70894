package dev.loupe.vision.classification;

import dev.loupe.vision.training.Progress;
import java.util.ArrayList;
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

    /** Number of epochs of all trainings together. */
    public static long epochs() {
        return (long) FOLDS * LinearHead.EPOCHS;
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
            LinearHead head = trained(fold, indices(folds, index -> index != left), progress);
            for (int index : indices(folds, index -> index == left)) {
                probabilities[index] = head.probabilities(examples, index);
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

    private LinearHead trained(int fold, int[] chosen, Progress progress) {
        return LinearHead.train(examples.subset(chosen), classes, seed, seed + fold, progress);
    }
}
