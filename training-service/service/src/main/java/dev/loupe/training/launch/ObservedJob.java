package dev.loupe.training.launch;

import java.util.OptionalInt;

/** State of a job, as a launcher observes it. */
public sealed interface ObservedJob {
    /** It was launched, but the launch was interrupted and may be incomplete: it must be launched again. */
    record IncompleteLaunch() implements ObservedJob {}

    /**
     * Launched, but its trainer has not started, or a replacement for an evicted trainer has not.
     *
     * @param reason why it waits, in words; empty if the wait is an ordinary one
     */
    record Pending(String reason) implements ObservedJob {
        /** Pending without a particular reason. */
        public Pending() {
            this("");
        }
    }

    /**
     * Suspended or preempted; it is resumed later.
     *
     * @param reason why, in words
     */
    record Suspended(String reason) implements ObservedJob {}

    /** Its trainer is running. */
    record Running() implements ObservedJob {}

    /**
     * Its trainer has ended.
     *
     * @param exitCode exit code; empty if it is no longer known
     * @param reason why, in words, if more than the exit code is known; otherwise empty
     */
    record Ended(OptionalInt exitCode, String reason) implements ObservedJob {
        /** Ended with an exit code, without a further reason. */
        public Ended(OptionalInt exitCode) {
            this(exitCode, "");
        }
    }
}
