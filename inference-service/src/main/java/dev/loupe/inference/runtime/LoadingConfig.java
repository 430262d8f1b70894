package dev.loupe.inference.runtime;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Which versions a replica holds in memory. Those that an alias names it always does. */
@ConfigMapping(prefix = "loupe.inference.loading")
interface LoadingConfig {
    /** Of each model this many of the newest versions are loaded. */
    @WithDefault("2")
    int newest();

    /** This many other versions stay loaded because somebody asked for them; the longest unused goes first. */
    @WithDefault("4")
    int onDemand();

    /** Versions that are loaded at the same time. */
    @WithDefault("1")
    int threads();

    /** Longest time that a request waits for a version that is being loaded. */
    @WithDefault("5s")
    Duration maxWait();

    /** Requests that wait for versions at the same time; others are told to come again. */
    @WithDefault("16")
    int maxWaiting();

    /** First pause before a version that can't be loaded is tried again; the pauses double, up to five minutes. */
    @WithDefault("10s")
    Duration retryAfter();
}
