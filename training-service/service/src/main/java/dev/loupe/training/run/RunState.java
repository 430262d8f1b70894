package dev.loupe.training.run;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * State of a run. Only the transitions of {@link #next} occur: each is a compare-and-set on the state in the database.
 */
public enum RunState {
    /** Waits for its turn or, with an attempt, for a place in the cluster. */
    QUEUED,
    /** A trainer was requested and has not been observed yet. */
    STARTING,
    /** The trainer is running. */
    RUNNING,
    /** The model was trained and evaluated. */
    SUCCEEDED,
    /** The run has no model; its reason says why. */
    FAILED,
    /** A user cancelled the run. */
    CANCELLED;

    /**
     * The states that may follow this one. STARTING follows if an attempt was lost and another is made; QUEUED follows
     * if there is no place for the trainer, or it was preempted or evicted.
     */
    public Set<RunState> next() {
        return switch (this) {
            case QUEUED, STARTING, RUNNING -> EnumSet.allOf(RunState.class);
            case SUCCEEDED, FAILED, CANCELLED -> EnumSet.noneOf(RunState.class);
        };
    }

    /** Whether the state cannot change any more. */
    public boolean isFinal() {
        return next().isEmpty();
    }

    /** The states that may precede this one. */
    List<String> previous() {
        return Arrays.stream(values())
                .filter(state -> state.next().contains(this))
                .map(Enum::name)
                .toList();
    }
}
