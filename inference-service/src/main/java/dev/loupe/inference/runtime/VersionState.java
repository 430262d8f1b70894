package dev.loupe.inference.runtime;

import java.util.concurrent.CompletableFuture;

/** How a version is doing in this replica. */
sealed interface VersionState {
    /** Known, and not in memory. */
    record Unloaded() implements VersionState {}

    /**
     * Being downloaded, verified, opened and warmed up.
     *
     * @param done completes, always normally, when the version is READY or UNAVAILABLE
     * @param failures tries that failed before
     */
    record Loading(CompletableFuture<Void> done, int failures) implements VersionState {}

    /** In memory; it reproduced its parity samples on this machine. */
    record Ready(LoadedModel model) implements VersionState {}

    /**
     * It can't be loaded.
     *
     * @param reason for people
     * @param failures tries that failed
     * @param retryAt {@link System#nanoTime()} from which on it may be tried again
     */
    record Unavailable(String reason, int failures, long retryAt) implements VersionState {}
}
