package dev.loupe.training.run;

/** State of a run. Only the {@link Transition}s change it. */
public enum RunState {
    /** Waits for its turn or, with an attempt, for a place in the cluster. */
    QUEUED,
    /** A trainer was requested and has not been observed yet. */
    STARTING,
    /** The trainer is running. */
    RUNNING,
    /** The model was trained and evaluated, or only evaluated. */
    SUCCEEDED,
    /** The run has no model and no evaluation; its reason says why. */
    FAILED,
    /** A user cancelled the run. */
    CANCELLED;

    /** Whether the state cannot change any more. */
    public boolean isFinal() {
        return switch (this) {
            case QUEUED, STARTING, RUNNING -> false;
            case SUCCEEDED, FAILED, CANCELLED -> true;
        };
    }
}
