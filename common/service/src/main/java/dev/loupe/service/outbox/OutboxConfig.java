package dev.loupe.service.outbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configuration of the outbox relay. */
@ConfigMapping(prefix = "loupe.outbox")
public interface OutboxConfig {
    /** Most events sent in one transaction. */
    @WithDefault("100")
    int batchSize();

    /**
     * Longest time to wait for the broker to acknowledge a batch; events that are not acknowledged by then are sent
     * again.
     */
    @WithDefault("20s")
    Duration sendTimeout();

    /** Delay before the events of a key are retried after one of them could not be sent. */
    @WithDefault("2s")
    Duration retryDelay();
}
