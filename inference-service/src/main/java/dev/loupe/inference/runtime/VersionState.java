package dev.loupe.inference.runtime;

import dev.loupe.service.error.ErrorCode;
import java.util.concurrent.CompletableFuture;

/** State of a version in this replica. */
sealed interface VersionState {
    /** Known, but not in memory. */
    record Unloaded() implements VersionState {}

    /**
     * Being downloaded, verified, opened and warmed up.
     *
     * @param done completes, always normally, when the version is READY or UNAVAILABLE
     * @param failures number of failed attempts before this one
     */
    record Loading(CompletableFuture<Void> done, int failures) implements VersionState {}

    /** In memory; it reproduced its parity samples on this machine. */
    record Ready(LoadedModel model) implements VersionState {}

    /**
     * It can't be loaded.
     *
     * @param code {@code MODEL_NOT_READY}, or {@code MODEL_MEMORY_EXCEEDED} if there is no memory for it: then the next
     *     request after the pause tries it once more
     * @param reason for people
     * @param failures number of failed attempts
     * @param retryAt {@link System#nanoTime()} from which it may be retried
     */
    record Unavailable(ErrorCode code, String reason, int failures, long retryAt) implements VersionState {
        /** Whether it may be retried. */
        boolean isDue() {
            return System.nanoTime() - retryAt >= 0;
        }

        /** Whether there was no memory for it. */
        boolean isExcluded() {
            return code == ErrorCode.MODEL_MEMORY_EXCEEDED;
        }
    }
}
