package dev.loupe.vision.model;

/** What a model does. */
public enum Task {
    /** Says which of its labels an image shows. */
    CLASSIFICATION,
    /** Says how far an image is from the normal ones, and where. */
    ANOMALY_DETECTION
}
