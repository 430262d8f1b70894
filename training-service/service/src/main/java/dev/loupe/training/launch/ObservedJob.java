package dev.loupe.training.launch;

import java.util.OptionalInt;

/** What a launcher sees of a job. */
public sealed interface ObservedJob {
    /** Asked for, but maybe not whole, because its launch was interrupted: to be launched again. */
    record CutShort() implements ObservedJob {}

    /**
     * Asked for; its trainer has not begun, or another is to take over from one that was taken away.
     *
     * @param reason what it waits for, in words; empty: nothing out of the ordinary
     */
    record Pending(String reason) implements ObservedJob {
        /** On its way. */
        public Pending() {
            this("");
        }
    }

    /**
     * Somebody holds it back, or took its place away; it is to go on later.
     *
     * @param reason in words
     */
    record Suspended(String reason) implements ObservedJob {}

    /** Its trainer runs. */
    record Running() implements ObservedJob {}

    /**
     * Its trainer has ended.
     *
     * @param exitCode empty if it is not known any more
     * @param reason why, in words, if more than the exit code is known; else empty
     */
    record Ended(OptionalInt exitCode, String reason) implements ObservedJob {
        /** With an exit code and nothing else to say. */
        public Ended(OptionalInt exitCode) {
            this(exitCode, "");
        }
    }
}
