package dev.loupe.vision.classification;

/** Training diverged: the loss is NaN or infinite. */
public final class NonFiniteLossException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int lastFiniteEpoch;

    /** @param lastFiniteEpoch number of the last epoch with a finite loss, 0 if there is none */
    public NonFiniteLossException(int lastFiniteEpoch, double learningRate) {
        super("the loss became NaN or infinite in epoch " + (lastFiniteEpoch + 1) + "; "
                + (lastFiniteEpoch == 0
                        ? "no epoch before it was finite"
                        : "epoch " + lastFiniteEpoch + " was the last finite one")
                + ". Try a learning rate below " + learningRate);
        this.lastFiniteEpoch = lastFiniteEpoch;
    }

    /** The last epoch whose loss was finite, 0 if there was none. */
    public int lastFiniteEpoch() {
        return lastFiniteEpoch;
    }
}
