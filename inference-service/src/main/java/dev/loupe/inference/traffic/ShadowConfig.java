package dev.loupe.inference.traffic;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configuration of shadow predictions. */
@ConfigMapping(prefix = "loupe.inference.shadow")
public interface ShadowConfig {
    /** Most requests that wait for the candidate; further ones are dropped. */
    @WithDefault("32")
    int queue();

    /** Most bytes of the images of these requests. */
    @WithDefault("16M")
    MemorySize queueSize();

    /** Disagreements that are kept of each pair of versions; the oldest are deleted. */
    @WithDefault("200")
    int disagreements();

    /** How often a replica writes its counts to the database. */
    @WithDefault("5s")
    Duration interval();
}
