package dev.loupe.inference.runtime;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Which versions a replica holds in memory. It always loads the versions that an alias points at. */
@ConfigMapping(prefix = "loupe.inference.loading")
interface LoadingConfig {
    /** Number of the newest versions of each model that are loaded. */
    @WithDefault("2")
    int newest();

    /** Most other versions that stay loaded because they were requested; the least recently used is unloaded first. */
    @WithDefault("4")
    int onDemand();

    /** Number of versions that are loaded at the same time. */
    @WithDefault("1")
    int threads();

    /** Longest time that a request waits for a version that is being loaded. */
    @WithDefault("5s")
    Duration maxWait();

    /** Most requests that wait for a version at the same time; others are rejected and may be retried. */
    @WithDefault("16")
    int maxWaiting();

    /** First delay before a failed load is retried; the delays double, up to five minutes. */
    @WithDefault("10s")
    Duration retryAfter();
}
