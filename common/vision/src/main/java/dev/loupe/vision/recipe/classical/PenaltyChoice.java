package dev.loupe.vision.recipe.classical;

import dev.loupe.vision.recipe.classical.MarginLearner.Penalty;
import dev.loupe.vision.training.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Chooses a penalty and calibrates the probabilities, on images that were not learned from: on DEV, or if it has fewer
 * than {@value #FEWEST} images, on TRAIN by cross-validation. The penalty with the highest accuracy is chosen, of equal
 * ones the one with the least log loss.
 */
final class PenaltyChoice {
    /** Fewest DEV images to choose on. */
    static final int FEWEST = 30;

    private static final int FOLDS = 5;

    private final MarginLearner learner;
    private final Examples train;
    private final Examples dev;
    private final Progress progress;

    PenaltyChoice(MarginLearner learner, Examples train, Examples dev, Progress progress) {
        this.learner = learner;
        this.train = train;
        this.dev = dev;
        this.progress = progress;
    }

    private record Candidate(Penalty penalty, double factor, double accuracy, double logLoss) {
        boolean isBetterThan(Candidate other) {
            return accuracy > other.accuracy || accuracy == other.accuracy && logLoss < other.logLoss;
        }
    }

    /**
     * Tries the penalties and learns from all TRAIN images with the best.
     *
     * @throws IllegalArgumentException if DEV is too small and a class has a single TRAIN image
     */
    Calibrated run(List<Penalty> penalties) {
        Candidate best = null;
        for (int i = 0; i < penalties.size(); i++) {
            progress.check();
            Candidate candidate = evaluated(penalties.get(i));
            best = best == null || candidate.isBetterThan(best) ? candidate : best;
            progress.report("train", i + 1, penalties.size(), metrics(best));
        }
        return new Calibrated(learner.fit(train.all(), best.penalty), best.factor);
    }

    private static Map<String, Double> metrics(Candidate best) {
        Map<String, Double> metrics =
                new TreeMap<>(Map.of("c", best.penalty.c(), "devAccuracy", best.accuracy, "devLoss", best.logLoss));
        if (best.penalty.gamma() > 0) {
            metrics.put("gamma", best.penalty.gamma());
        }
        return metrics;
    }

    private Candidate evaluated(Penalty penalty) {
        double[][] margins;
        int[] labels;
        if (dev.size() >= FEWEST) {
            margins = margins(learner.fit(train.all(), penalty), dev);
            labels = dev.labels();
        } else {
            margins = crossValidated(penalty);
            labels = train.labels();
        }
        double factor = Calibrated.factor(margins, labels);
        long right = IntStream.range(0, labels.length)
                .filter(i -> IntStream.range(0, train.classes()).allMatch(c -> margins[i][c] <= margins[i][labels[i]]))
                .count();
        return new Candidate(
                penalty, factor, (double) right / labels.length, Calibrated.logLoss(margins, labels, factor));
    }

    private double[][] crossValidated(Penalty penalty) {
        int[] folds = folds();
        double[][] margins = new double[train.size()][];
        for (int fold = 0; fold < FOLDS; fold++) {
            progress.check();
            int left = fold;
            int[] chosen = IntStream.range(0, folds.length)
                    .filter(i -> folds[i] != left)
                    .toArray();
            int[] other = IntStream.range(0, folds.length)
                    .filter(i -> folds[i] == left)
                    .toArray();
            FittedClassifier fitted = learner.fit(chosen, penalty);
            double[][] rows = margins(fitted, train.select(other));
            for (int i = 0; i < other.length; i++) {
                margins[other[i]] = rows[i];
            }
        }
        return margins;
    }

    /** The fold of each TRAIN image: the images of a class are in turn in each. */
    private int[] folds() {
        int[] seen = new int[train.classes()];
        int[] folds = new int[train.size()];
        for (int i = 0; i < folds.length; i++) {
            folds[i] = seen[train.labels()[i]]++ % FOLDS;
        }
        if (Arrays.stream(seen).anyMatch(count -> count == 1)) {
            throw new IllegalArgumentException(
                    "DEV has " + dev.size() + " images, and a class has a single TRAIN image: expected " + FEWEST
                            + " DEV images, or two TRAIN images of each class");
        }
        return folds;
    }

    private static double[][] margins(FittedClassifier fitted, Examples examples) {
        double[][] margins = new double[examples.size()][];
        for (int i = 0; i < margins.length; i++) {
            margins[i] = fitted.scores(examples.rows()[i]);
        }
        return margins;
    }
}
