package dev.loupe.training.launch;

import java.util.OptionalInt;

/** What a launcher sees of a job. */
public sealed interface ObservedJob {
    /** Asked for; its trainer has not begun. */
    record Pending() implements ObservedJob {}

    /** Its trainer runs. */
    record Running() implements ObservedJob {}

    /**
     * Its trainer has ended.
     *
     * @param exitCode empty if nobody knows it any more
     */
    record Ended(OptionalInt exitCode) implements ObservedJob {}
}
