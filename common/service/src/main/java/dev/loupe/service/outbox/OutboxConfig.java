package dev.loupe.service.outbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How events leave a service. */
@ConfigMapping(prefix = "loupe.outbox")
public interface OutboxConfig {
    /** Most events sent in one transaction. */
    @WithDefault("100")
    int batchSize();

    /** Longest time to wait for the broker to take one batch; what it has not taken then is sent again. */
    @WithDefault("20s")
    Duration sendTimeout();

    /** Time after which the events of a key are tried again, of which one could not be sent. */
    @WithDefault("2s")
    Duration retryDelay();
}
