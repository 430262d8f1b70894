package dev.loupe.training.run;

/** What a run does. */
public enum RunKind {
    /** It trains a model and evaluates it on the TEST images of the dataset version that it learns from. */
    TRAINING,
    /** It evaluates a model of another run on the TEST images of a dataset version. */
    EVALUATION,
    /** It packages a classifier that was trained elsewhere, and evaluates it on the TEST images of a dataset version. */
    IMPORT,
    /**
     * It extends the memory of a model of another run by normal images, and evaluates it on the TEST images of the dataset
     * version that the model was evaluated on.
     */
    EXTENSION;

    /** Whether a model comes of it. */
    public boolean makesModel() {
        return this != EVALUATION;
    }
}
