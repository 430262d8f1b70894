package dev.loupe.dataset.project;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configuration of projects. */
@ConfigMapping(prefix = "loupe.projects")
interface ProjectConfig {
    /** Interval at which the objects of deleted projects are searched and deleted. */
    @WithDefault("1m")
    Duration sweepInterval();
}
