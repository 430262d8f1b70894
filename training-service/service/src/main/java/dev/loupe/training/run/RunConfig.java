package dev.loupe.training.run;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Configuration of runs. */
@ConfigMapping(prefix = "loupe.training")
public interface RunConfig {
    /** Most runs that have a trainer at the same time; the others wait in the queue. */
    @WithDefault("1")
    int maxConcurrentRuns();

    /** Most attempts of a run. A trainer that was lost, or failed with a transient error, is followed by another. */
    @WithDefault("3")
    int maxAttempts();

    /**
     * How long a run waits after its trainer found the disk full; the wait doubles each time, up to ten minutes. Such
     * attempts do not count.
     */
    @WithDefault("30s")
    Duration spaceBackoff();

    /** Interval of the reconciliation of runs with jobs; reports of trainers trigger it earlier. */
    @WithDefault("1s")
    Duration reconcileInterval();

    /** URL at which trainers reach this service; absent: this host. */
    Optional<URI> reportAddress();

    /** Interval at which runs of deleted projects and packages of deleted versions are searched and deleted. */
    @WithDefault("30s")
    Duration deletionInterval();
}
