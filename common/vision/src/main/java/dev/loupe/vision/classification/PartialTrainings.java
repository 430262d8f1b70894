package dev.loupe.vision.classification;

import dev.loupe.vision.evaluation.LearningCurves.Part;
import dev.loupe.vision.training.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Linear heads that have learned from parts of the TRAIN images: an eighth, a quarter, half and all of each class, each
 * part within the next one, {@value #REPEATS} times with other images. Deterministic for a given seed, number of threads
 * and machine.
 */
public final class PartialTrainings {
    /** Number of repeats of each part. */
    public static final int REPEATS = 3;
    /** What the number of TRAIN images is divided by, the smallest part first. */
    static final List<Integer> DIVISORS = List.of(8, 4, 2, 1);

    private final FeatureExamples train;
    private final FeatureExamples dev;
    private final int classes;
    private final long seed;

    /**
     * @param train features of the TRAIN images
     * @param dev features of the DEV images
     */
    public PartialTrainings(FeatureExamples train, FeatureExamples dev, int classes, long seed) {
        this.train = train;
        this.dev = dev;
        this.classes = classes;
        this.seed = seed;
    }

    /** Number of epochs of all trainings together. */
    public static long epochs() {
        return (long) REPEATS * DIVISORS.size() * LinearHead.EPOCHS;
    }

    /**
     * Trains the heads.
     *
     * @return the parts, the smallest first
     * @throws dev.loupe.vision.training.CancelledException if the progress is cancelled
     */
    public List<Part> run(Progress progress) {
        boolean[][][] right = new boolean[DIVISORS.size()][REPEATS][];
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            for (int part = 0; part < right.length; part++) {
                FeatureExamples chosen = train.subset(chosen(repeat, DIVISORS.get(part)));
                LinearHead head = LinearHead.train(chosen, classes, seed + repeat, seed + repeat, progress);
                right[part][repeat] = right(head);
            }
        }
        List<Part> parts = new ArrayList<>();
        for (int part = 0; part < right.length; part++) {
            parts.add(new Part(chosen(0, DIVISORS.get(part)).length, right[part]));
        }
        return parts;
    }

    private boolean[] right(LinearHead head) {
        boolean[] right = new boolean[dev.size()];
        for (int i = 0; i < right.length; i++) {
            right[i] = head.predicted(dev, i) == dev.label(i);
        }
        return right;
    }

    /** The images of a part: of each class the first ones of a random order, which is the same for all parts of a repeat. */
    int[] chosen(int repeat, int divisor) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, train.size()).boxed().toList());
        Collections.shuffle(order, new Random(seed + repeat));
        List<Integer> chosen = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            int label = c;
            List<Integer> ofClass =
                    order.stream().filter(i -> train.label(i) == label).toList();
            chosen.addAll(ofClass.subList(0, (ofClass.size() + divisor - 1) / divisor));
        }
        return chosen.stream().mapToInt(i -> i).toArray();
    }
}
