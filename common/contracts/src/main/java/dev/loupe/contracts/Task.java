package dev.loupe.contracts;

/** What the models of a project do. */
public enum Task {
    /** Determine which of the project's classes an image shows. */
    CLASSIFICATION,
    /**
     * Determine whether an item deviates from normal ones, and where. There are no classes: images are normal or
     * abnormal.
     */
    ANOMALY_DETECTION
}
