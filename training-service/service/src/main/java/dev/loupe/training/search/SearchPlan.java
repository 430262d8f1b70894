package dev.loupe.training.search;

import java.util.ArrayList;
import java.util.List;

/**
 * How a search proposes trials.
 *
 * @param method the method
 * @param space the parameters
 * @param trials number of different parameters to try
 * @param parallel most trials at the same time
 * @param seed seed of the proposals
 * @param halving epochs of successive halving, null for other methods
 */
record SearchPlan(SearchMethod method, SearchSpace space, int trials, int parallel, long seed, Halving halving) {

    /**
     * How many epochs successive halving gives.
     *
     * @param factor one of so many trials is promoted, and gets so many times the epochs
     * @param minEpochs fewest epochs of a trial
     * @param maxEpochs epochs of the last rung
     */
    record Halving(int factor, int minEpochs, int maxEpochs) {}

    /**
     * A round of successive halving.
     *
     * @param trials most trials of it
     * @param epochs epochs of each
     */
    record Rung(int trials, int epochs) {}

    /**
     * The rungs of successive halving. The last one has {@code maxEpochs}, each one before it fewer epochs by the
     * factor, as long as that leaves {@code minEpochs} and there are enough trials.
     *
     * <p>Source: Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization",
     * AISTATS 2016.
     */
    List<Rung> rungs() {
        int rungs = 1;
        long power = halving.factor();
        while (trials / power >= 1 && halving.maxEpochs() / power >= halving.minEpochs()) {
            rungs++;
            power *= halving.factor();
        }
        List<Rung> all = new ArrayList<>();
        for (int rung = 0; rung < rungs; rung++) {
            long share = Math.powExact((long) halving.factor(), rung);
            long rest = Math.powExact((long) halving.factor(), rungs - 1 - rung);
            all.add(new Rung((int) (trials / share), (int) (halving.maxEpochs() / rest)));
        }
        return all;
    }

    /** Most trials that the search makes. */
    int totalTrials() {
        return method == SearchMethod.SUCCESSIVE_HALVING
                ? rungs().stream().mapToInt(Rung::trials).sum()
                : trials;
    }
}
