package dev.loupe.vision.model;

import java.util.List;

/**
 * Which label an image has.
 *
 * @param labels of the model
 * @param probabilities of each label, 0..1, together 1; not to be changed
 */
public record ClassPrediction(List<String> labels, float[] probabilities) implements Prediction {
    /** Index of the most probable label, the first of equals. */
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
