package dev.loupe.inference.runtime;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Configuration of predictions. */
@ConfigMapping(prefix = "loupe.inference.prediction")
public interface PredictionConfig {
    /** Number of platform threads for predictions, each for one request at a time; absent: the number of cores. */
    OptionalInt threads();

    /** Most requests that wait for a thread; further ones are rejected. */
    @WithDefault("64")
    int queue();

    /**
     * Most bytes of all messages that are being received, processed or sent; further messages are rejected. Absent: a
     * quarter of the heap or of the direct memory, whichever is smaller.
     */
    Optional<MemorySize> queueSize();

    /** Largest message. */
    @WithDefault("16M")
    MemorySize maxMessageSize();

    /** Delay after which a client may retry a rejected request. */
    @WithDefault("200ms")
    Duration retryAfter();

    /** Most requests of one stream that are received and not answered; the client waits with further ones. */
    @WithDefault("4")
    int streamInFlight();

    /** Most images in one request. */
    @WithDefault("32")
    int maxBatch();
}
