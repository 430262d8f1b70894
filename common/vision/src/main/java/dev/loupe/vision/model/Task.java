package dev.loupe.vision.model;

/** The task of a model. */
public enum Task {
    /** Determine which of the model's labels an image shows. */
    CLASSIFICATION,
    /** Determine how much an image deviates from normal ones, and where. */
    ANOMALY_DETECTION
}
