package dev.loupe.contracts.training;

/** Why a trainer did not check its images, with a message for people. */
public record Skipped(Reason reason, String message) {
    /** Why. */
    public enum Reason {
        /** There are too few images for a result. */
        TOO_FEW_IMAGES,
        /** It would take too long. */
        TOO_MANY_IMAGES,
        /** It failed; the log of the run has the cause. */
        FAILED
    }
}
