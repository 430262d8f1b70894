package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.training.Selection;
import dev.loupe.imaging.Preprocessing;
import java.util.Comparator;
import java.util.Map;

/**
 * A trial that has ended.
 *
 * @param candidate its result
 * @param measureOnly whether it can't become the model
 * @param preprocessing preprocessing for its model, null if there is none
 * @param devScores anomaly scores of the DEV images that it was measured on, by id; empty for a classifier
 */
record Trial(
        Selection.Candidate candidate,
        boolean measureOnly,
        Preprocessing preprocessing,
        Map<String, Double> devScores) {
    /** By accuracy, with equal accuracy by log loss. */
    static final Comparator<Trial> BY_ACCURACY = Comparator.comparingDouble(Trial::accuracy)
            .thenComparing(Comparator.comparingDouble(Trial::logLoss).reversed());

    /** By AUROC, with equal AUROC by average precision. */
    static final Comparator<Trial> BY_AUROC =
            Comparator.comparingDouble(Trial::auroc).thenComparingDouble(trial -> trial.metric("averagePrecision", 0));

    Trial {
        devScores = devScores == null ? Map.of() : Map.copyOf(devScores);
    }

    boolean succeeded() {
        return preprocessing != null;
    }

    String name() {
        return candidate.name();
    }

    double accuracy() {
        return metric("accuracy", 0);
    }

    double auroc() {
        return metric("auroc", 0);
    }

    private double logLoss() {
        return metric("logLoss", Double.POSITIVE_INFINITY);
    }

    private double metric(String name, double absent) {
        return candidate.devMetrics().getOrDefault(name, absent);
    }
}
