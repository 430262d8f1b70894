package dev.loupe.dataset.version;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What a freeze may take. */
@ConfigMapping(prefix = "loupe.freeze")
interface FreezeConfig {
    /** Most freezes that run at once; each holds a connection to the database, the others wait without one. */
    @WithDefault("2")
    int concurrent();

    /** Longest time that a freeze waits for its turn; after it the answer is 503, to be retried. */
    @WithDefault("30s")
    Duration maxWait();

    /** Most classes of a dataset version. */
    @WithDefault("1000")
    int maxClasses();
}
