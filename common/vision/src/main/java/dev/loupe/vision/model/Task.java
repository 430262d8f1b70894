package dev.loupe.vision.model;

/** What a model does. */
public enum Task {
    /** Says which of its labels a picture shows. */
    CLASSIFICATION,
    /** Says how far a picture is from the normal ones, and where. */
    ANOMALY_DETECTION
}
