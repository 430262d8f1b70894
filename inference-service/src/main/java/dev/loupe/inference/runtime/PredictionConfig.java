package dev.loupe.inference.runtime;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.OptionalInt;

/** How predictions are computed. */
@ConfigMapping(prefix = "loupe.inference.prediction")
public interface PredictionConfig {
    /** Platform threads that compute, each one request at a time; without a value as many as there are cores. */
    OptionalInt threads();

    /** Requests that wait for a thread; further ones are refused. */
    @WithDefault("64")
    int queue();

    /** Size of the requests that wait or are computed; further ones are refused. */
    @WithDefault("256M")
    MemorySize queueSize();

    /** When a refused request may come again. */
    @WithDefault("200ms")
    Duration retryAfter();

    /** Most pictures in one request. */
    @WithDefault("32")
    int maxBatch();
}
