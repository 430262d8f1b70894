package dev.loupe.service.idempotency;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configuration of stored responses. */
@ConfigMapping(prefix = "loupe.idempotency")
public interface IdempotencyConfig {
    /** How long a repeated request with the same key gets the first response. */
    @WithDefault("24h")
    Duration retention();
}
