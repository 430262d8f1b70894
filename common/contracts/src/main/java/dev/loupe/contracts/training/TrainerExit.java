package dev.loupe.contracts.training;

/** Exit codes of the trainer. They tell the launcher how the trainer ended, even if there is no result. */
public final class TrainerExit {
    /**
     * The result was written to object storage, whatever its outcome; or training-service reported that the attempt is
     * over.
     */
    public static final int DONE = 0;
    /** The result could not be written. */
    public static final int NO_RESULT = 1;
    /** The spec or the environment is unusable; another attempt would fail as well. */
    public static final int BAD_CONFIGURATION = 2;
    /** Another trainer has claimed this attempt. */
    public static final int ALREADY_CLAIMED = 3;
    /** The trainer was asked to end, and has saved its state. */
    public static final int STOPPED = 4;
    /** The trainer's disk is full: a later attempt, or one on another node, may find space. */
    public static final int NO_SPACE = 5;

    private TrainerExit() {}
}
