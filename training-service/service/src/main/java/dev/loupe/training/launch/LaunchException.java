package dev.loupe.training.launch;

/** The trainer could not be started. The message is for people. */
public final class LaunchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What happens to the run. */
    public enum Consequence {
        /** This attempt has failed; another attempt may succeed. */
        RETRY,
        /** A launch may succeed later: the run waits. */
        WAIT,
        /** No attempt can succeed. */
        NONE
    }

    private final Consequence consequence;

    public LaunchException(Consequence consequence, String message, Throwable cause) {
        super(message, cause);
        this.consequence = consequence;
    }

    public Consequence consequence() {
        return consequence;
    }
}
