package dev.loupe.inference.runtime;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** How predictions are computed. */
@ConfigMapping(prefix = "loupe.inference.prediction")
public interface PredictionConfig {
    /** Platform threads that compute, each one request at a time; without a value as many as there are cores. */
    OptionalInt threads();

    /** Requests that wait for a thread; further ones are refused. */
    @WithDefault("64")
    int queue();

    /**
     * Bytes of all messages that are being received, computed or answered; further ones are refused. Without a value a
     * quarter of the heap or of the direct memory, whichever is smaller.
     */
    Optional<MemorySize> queueSize();

    /** Largest message. */
    @WithDefault("16M")
    MemorySize maxMessageSize();

    /** When a refused request may be retried. */
    @WithDefault("200ms")
    Duration retryAfter();

    /** Most images in one request. */
    @WithDefault("32")
    int maxBatch();
}
