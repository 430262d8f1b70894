package dev.loupe.inference.drift;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configuration of the drift monitor. */
@ConfigMapping(prefix = "loupe.inference.drift")
interface DriftConfig {
    /** How often logged predictions are taken in. */
    @WithDefault("10s")
    Duration interval();

    /** Age from which predictions are taken in: replicas write them a moment after the answer. */
    @WithDefault("5s")
    Duration delay();
}
