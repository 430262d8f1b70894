package dev.loupe.inference.runtime;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.Map;

/** Which requests a model computes together. */
@ConfigMapping(prefix = "loupe.inference.batching")
interface BatchingConfig {
    /** Of models that are not named below. */
    @WithParentName
    Limits standard();

    /** Of single models, by the name of their project when they are loaded. */
    Map<String, Limits> models();

    /** What makes a batch. */
    interface Limits {
        /** Most images that are computed together; 1: each request by itself. */
        @WithDefault("1")
        int maxSize();

        /** Longest time that a request waits for others, if too few wait already. */
        @WithDefault("0ms")
        Duration maxDelay();
    }
}
