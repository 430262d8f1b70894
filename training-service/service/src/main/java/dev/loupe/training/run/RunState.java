package dev.loupe.training.run;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Where a run is. Only the moves named here are ever made: each is a compare-and-set on the state in the database. */
public enum RunState {
    /** Waits for its turn, or, with an attempt, for a place to run. */
    QUEUED,
    /** A trainer was asked for, and has not been seen yet. */
    STARTING,
    /** A trainer is at it. */
    RUNNING,
    /** A model was made. */
    SUCCEEDED,
    /** No model, and the reason says why. */
    FAILED,
    /** A person ended it. */
    CANCELLED;

    /**
     * The states that may follow this one. STARTING follows where an attempt was lost and another is made; QUEUED where
     * there is no place for the trainer, or it was taken away.
     */
    public Set<RunState> next() {
        return switch (this) {
            case QUEUED, STARTING, RUNNING -> EnumSet.allOf(RunState.class);
            case SUCCEEDED, FAILED, CANCELLED -> EnumSet.noneOf(RunState.class);
        };
    }

    /** Whether nothing will change any more. */
    public boolean isFinal() {
        return next().isEmpty();
    }

    /** The states that this one may follow. */
    List<String> previous() {
        return Arrays.stream(values())
                .filter(state -> state.next().contains(this))
                .map(Enum::name)
                .toList();
    }
}
