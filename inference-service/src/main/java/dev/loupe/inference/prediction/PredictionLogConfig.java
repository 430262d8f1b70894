package dev.loupe.inference.prediction;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configuration of the prediction log; what is logged is set for each project. */
@ConfigMapping(prefix = "loupe.inference.prediction-log")
interface PredictionLogConfig {
    /** Most predictions that wait to be written; further ones are not logged. */
    @WithDefault("1000")
    int queue();

    /** Most bytes of images that wait to be measured; predictions of further ones are logged without measures. */
    @WithDefault("16M")
    MemorySize imageMemory();

    /** Most predictions that are written at the same time. */
    @WithDefault("100")
    int batch();

    /** Time for which writing is tried again while the database is unavailable; then the predictions are dropped. */
    @WithDefault("30s")
    Duration maxDelay();

    /** How often predictions are deleted that are older than the retention of their project. */
    @WithDefault("10m")
    Duration pruneInterval();

    /** How often images are deleted whose prediction was not written. */
    @WithDefault("1h")
    Duration sweepInterval();
}
