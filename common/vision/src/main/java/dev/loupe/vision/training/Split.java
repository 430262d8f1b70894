package dev.loupe.vision.training;

/** What an image is used for. */
public enum Split {
    /** A model learns from it. */
    TRAIN,
    /** Choices are made on it: the epoch to stop at, the threshold. */
    DEV,
    /** A model is evaluated on it, once. */
    TEST
}
