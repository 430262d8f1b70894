package dev.loupe.vision.training;

/** Training ended because {@link Progress#cancelled()} returned true. */
public final class CancelledException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CancelledException() {
        super("training was cancelled");
    }
}
