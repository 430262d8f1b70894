package dev.loupe.contracts;

/** What a project teaches a machine. */
public enum Task {
    /** Which of a project's classes does an image show? */
    CLASSIFICATION,
    /** Is this item like the normal ones, and where is it not? There are no classes: media are normal or abnormal. */
    ANOMALY_DETECTION
}
