package dev.loupe.training.search;

/** State of a search. */
public enum SearchState {
    /** Trials are made. */
    SEARCHING,
    /** The best parameters are known, and a run trains, evaluates and registers the model with them. */
    FINAL_RUN,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    /** Whether no other state follows. */
    boolean isFinal() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED;
    }
}
