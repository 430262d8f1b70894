package dev.loupe.training.search;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Configuration of searches. */
@ConfigMapping(prefix = "loupe.training.search")
interface SearchConfig {
    /** Most trials of a search. */
    @WithDefault("1000")
    int maxTrials();

    /** Most trials of a search at the same time. */
    @WithDefault("64")
    int maxParallel();
}
