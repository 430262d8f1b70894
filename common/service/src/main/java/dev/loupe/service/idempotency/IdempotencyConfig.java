package dev.loupe.service.idempotency;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long answers are kept. */
@ConfigMapping(prefix = "loupe.idempotency")
public interface IdempotencyConfig {
    /** Time for which a request can be repeated under its key and gets its first answer. */
    @WithDefault("24h")
    Duration retention();
}
