package dev.loupe.vision.classification;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * The factor of the learning rate in each step, with the formulas of PyTorch.
 *
 * @param warmupEpochs epochs in which the rate rises linearly to its full value; for one-cycle the time of the rise, 0:
 *     30 % of all steps
 * @param stepEpochs for step: epochs between two reductions; for plateau: epochs without an improvement before one
 * @param decay factor of a reduction
 */
public record LearningRateSchedule(Kind kind, int warmupEpochs, int stepEpochs, double decay) {
    private static final double RISE = 0.3;
    private static final double FIRST_FACTOR = 1.0 / 25;
    private static final double LAST_FACTOR = FIRST_FACTOR / 1e4;

    /** How the rate changes after the warm-up. */
    public enum Kind {
        CONSTANT,
        STEP,
        /** Half a cosine to 0: Loshchilov and Hutter, "SGDR", ICLR 2017, equation 5. */
        COSINE,
        /** Smith and Topin, "Super-Convergence", 2017: from 1/25 up to 1 and down to 1/250,000, by half cosines. */
        ONE_CYCLE,
        PLATEAU;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * The state of {@link Kind#PLATEAU}.
     *
     * @param factor current factor of the rate
     * @param best lowest loss so far
     * @param waited epochs since it improved
     */
    public record Plateau(double factor, double best, int waited) {
        static final Plateau START = new Plateau(1, Double.POSITIVE_INFINITY, 0);
        private static final double NOTABLE = 1 - 1e-4;

        Plateau after(double loss, LearningRateSchedule schedule) {
            if (loss < best * NOTABLE) {
                return new Plateau(factor, loss, 0);
            }
            return waited < schedule.stepEpochs
                    ? new Plateau(factor, best, waited + 1)
                    : new Plateau(factor * schedule.decay, best, 0);
        }
    }

    /** Half a cosine, without warm-up. */
    public static LearningRateSchedule cosine() {
        return new LearningRateSchedule(Kind.COSINE, 0, 1, 1);
    }

    /**
     * The factor in a step.
     *
     * @param step number of the step, from 0
     * @param stepsPerEpoch steps in each epoch
     * @param epochs number of epochs
     * @param plateau state after the last epoch
     */
    public double factor(long step, int stepsPerEpoch, int epochs, Plateau plateau) {
        long total = (long) epochs * stepsPerEpoch;
        long warm = Math.min(total, (long) warmupEpochs * stepsPerEpoch);
        if (kind == Kind.ONE_CYCLE) {
            return oneCycle(step, (warm == 0 ? RISE * total : warm) - 1, total - 1);
        }
        if (step < warm) {
            return (step + 1.0) / warm;
        }
        double done = (double) (step - warm) / (total - warm);
        return switch (kind) {
            case CONSTANT, ONE_CYCLE -> 1;
            case STEP -> Math.pow(decay, Math.floorDiv((step - warm) / stepsPerEpoch, stepEpochs));
            case COSINE -> (1 + Math.cos(Math.PI * done)) / 2;
            case PLATEAU -> plateau.factor;
        };
    }

    private static double oneCycle(long step, double top, double last) {
        return step <= top
                ? between(FIRST_FACTOR, 1, top <= 0 ? 1 : step / top)
                : between(1, LAST_FACTOR, (step - top) / (last - top));
    }

    private static double between(double start, double end, double done) {
        return end + (start - end) / 2 * (1 + Math.cos(Math.PI * done));
    }
}
