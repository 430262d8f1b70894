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

    /** Longest time to wait for the broker to take one batch; then it is tried again. */
    @WithDefault("20s")
    Duration sendTimeout();
}
