package dev.loupe.model;

import java.util.List;

/**
 * The predicted label of an image.
 *
 * @param labels labels of the model
 * @param probabilities probability of each label, 0..1, with sum 1; must not be modified
 */
public record ClassPrediction(List<String> labels, float[] probabilities) implements Prediction {
    /** Index of the most probable label; the first one in case of a tie. */
    public int best() {
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            if (probabilities[i] > probabilities[best]) {
                best = i;
            }
        }
        return best;
    }

    /** The most probable label. */
    public String label() {
        return labels.get(best());
    }

    /** Probability of {@link #label()}. */
    public float score() {
        return probabilities[best()];
    }
}
