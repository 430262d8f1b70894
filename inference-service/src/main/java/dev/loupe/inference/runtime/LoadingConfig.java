package dev.loupe.inference.runtime;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/**
 * Which versions a replica holds in memory. It always loads the versions that an alias routes to, and pinned ones; others
 * on request, and unloads the least recently used of them.
 */
@ConfigMapping(prefix = "loupe.inference.loading")
interface LoadingConfig {
    /** Most bytes that all versions in memory take; absent: 15 % of the container's memory limit. */
    Optional<MemorySize> memory();

    /** Number of the newest versions of each model that are loaded without being asked for, if they fit. */
    @WithDefault("2")
    int newest();

    /** Number of versions that are loaded at the same time. */
    @WithDefault("1")
    int threads();

    /** Longest time that a request waits for a version that is being loaded. */
    @WithDefault("5s")
    Duration maxWait();

    /** Most requests that wait for a version at the same time; others are rejected and may be retried. */
    @WithDefault("16")
    int maxWaiting();

    /** Time for which a version that has no room is not tried again; requests to it are rejected and may be retried. */
    @WithDefault("1s")
    Duration memoryRetryAfter();

    /** First delay before a failed load is retried; the delays double, up to five minutes. */
    @WithDefault("10s")
    Duration retryAfter();
}
