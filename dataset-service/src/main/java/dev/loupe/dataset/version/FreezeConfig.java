package dev.loupe.dataset.version;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of freezes. */
@ConfigMapping(prefix = "loupe.freeze")
interface FreezeConfig {
    /** Most freezes that run at the same time; each holds a database connection, the others wait without one. */
    @WithDefault("2")
    int concurrent();

    /** Longest time that a freeze waits for its turn; then it is rejected with 503 and can be retried. */
    @WithDefault("30s")
    Duration maxWait();

    /** Most classes of a dataset version. */
    @WithDefault("1000")
    int maxClasses();
}
