package dev.loupe.dataset.project;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How projects are kept. */
@ConfigMapping(prefix = "loupe.projects")
interface ProjectConfig {
    /** How often the objects of deleted projects are looked for and removed. */
    @WithDefault("1m")
    Duration sweepInterval();
}
