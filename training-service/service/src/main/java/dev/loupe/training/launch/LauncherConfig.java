package dev.loupe.training.launch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Selects the launcher. */
@ConfigMapping(prefix = "loupe.training")
interface LauncherConfig {
    /** Where trainers run: {@code process} or {@code kubernetes}. */
    @WithDefault("process")
    LauncherKind launcher();
}
