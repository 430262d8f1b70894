package dev.loupe.training.launch;

/** No trainer could be started. The message is for people. */
public final class LaunchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What follows from it. */
    public enum Consequence {
        /** This attempt came to nothing; another may do better. */
        ANOTHER_ATTEMPT,
        /** It may be possible later: the run waits. */
        WAIT,
        /** No attempt can do better. */
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
