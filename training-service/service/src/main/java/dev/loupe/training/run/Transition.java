package dev.loupe.training.run;

import java.util.Arrays;
import java.util.List;

/** The legal changes of a run's state. Each is a compare-and-set on the state in the database. */
enum Transition {
    /** An attempt starts: the first one, or another one after a wait for disk space. */
    START_ATTEMPT(RunState.STARTING, RunState.QUEUED),
    /** The trainer has a place in the cluster and is about to start. */
    PLACED(RunState.STARTING, RunState.QUEUED),
    /** The trainer was observed running. */
    STARTED(RunState.RUNNING, RunState.QUEUED, RunState.STARTING, RunState.RUNNING),
    /** The trainer has no place in the cluster, or has lost it. */
    DISPLACED(RunState.QUEUED, RunState.QUEUED, RunState.STARTING, RunState.RUNNING),
    /** An attempt has failed, and the next one starts. */
    RETRY(RunState.STARTING, RunState.QUEUED, RunState.STARTING, RunState.RUNNING),
    /** An attempt has failed for lack of disk space, and the run returns to the queue. */
    REQUEUE(RunState.QUEUED, RunState.QUEUED, RunState.STARTING, RunState.RUNNING),
    SUCCEED(RunState.SUCCEEDED, RunState.QUEUED, RunState.STARTING, RunState.RUNNING),
    FAIL(RunState.FAILED, RunState.QUEUED, RunState.STARTING, RunState.RUNNING),
    CANCEL(RunState.CANCELLED, RunState.QUEUED, RunState.STARTING, RunState.RUNNING);

    private final RunState to;
    private final List<RunState> from;

    Transition(RunState to, RunState... from) {
        this.to = to;
        this.from = List.of(from);
        if (Arrays.stream(from).anyMatch(RunState::isFinal)) {
            throw new IllegalArgumentException(name() + " leaves a final state");
        }
    }

    /** Name of the state after it. */
    String to() {
        return to.name();
    }

    /** Names of the states in which it may happen. */
    List<String> from() {
        return from.stream().map(Enum::name).toList();
    }
}
