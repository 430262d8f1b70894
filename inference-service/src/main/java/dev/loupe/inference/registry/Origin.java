package dev.loupe.inference.registry;

/** Where the model of a version comes from. */
public enum Origin {
    /** A run has trained it. */
    TRAINED,
    /** It was trained elsewhere, and a run has imported it. */
    IMPORTED
}
