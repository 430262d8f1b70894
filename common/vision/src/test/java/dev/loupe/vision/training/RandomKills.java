package dev.loupe.vision.training;

import dev.loupe.vision.training.KillingCheckpoints.Killed;
import java.io.IOException;
import java.util.Map;
import java.util.Random;

/** Ends a training again and again, each time at a random step; it goes on from its last checkpoint. */
public final class RandomKills {
    /** A training that reports to a progress, and goes on from its last checkpoint. */
    public interface Training {
        TrainedModel train(Progress progress) throws IOException;
    }

    private final Random random;
    private final int most;
    private int steps;

    /**
     * @param most most steps between two ends
     */
    public RandomKills(long seed, int most) {
        this.random = new Random(seed);
        this.most = most;
    }

    /**
     * Trains, ends the training a number of times, and lets it end by itself then.
     *
     * @throws AssertionError if the training has ended before
     */
    public TrainedModel train(int kills, Training training) throws IOException {
        for (int killed = 0; killed < kills; killed++) {
            steps = 1 + random.nextInt(most);
            try {
                training.train(new Killer());
            } catch (Killed _) {
                continue;
            }
            throw new AssertionError("the training ended after " + killed + " of " + kills + " kills");
        }
        return training.train(Progress.NONE);
    }

    private final class Killer implements Progress {
        @Override
        public void report(String phase, long done, long total, Map<String, Double> metrics) {}

        @Override
        public boolean cancelled() {
            if (--steps == 0) {
                throw new Killed();
            }
            return false;
        }
    }
}
