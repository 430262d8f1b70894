package dev.loupe.training.queue;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How many have a trainer at the same time. */
@ConfigMapping(prefix = "loupe.training")
interface QueueConfig {
    /** Most runs that have a trainer at the same time; the others wait in the queue. */
    @WithDefault("1")
    int maxConcurrentRuns();
}
