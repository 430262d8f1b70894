package dev.loupe.contracts.training;

/** Exit codes of the trainer: they tell the launcher how it ended, also where there is no result. */
public final class TrainerExit {
    /** The result is in object storage, whatever it says; or the attempt is over for training-service. */
    public static final int DONE = 0;
    /** The result could not be written. */
    public static final int NO_RESULT = 1;
    /** The spec or the environment can't be used; another attempt would not fare better. */
    public static final int BAD_CONFIGURATION = 2;
    /** This attempt has a trainer, or had one. */
    public static final int ALREADY_CLAIMED = 3;
    /** It was asked to end, and its state is saved. */
    public static final int STOPPED = 4;
    /** Its disk is full: a later attempt, or one elsewhere, may find space. */
    public static final int NO_SPACE = 5;

    private TrainerExit() {}
}
