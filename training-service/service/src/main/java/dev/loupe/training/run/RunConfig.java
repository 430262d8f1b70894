package dev.loupe.training.run;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** How runs are run. */
@ConfigMapping(prefix = "loupe.training")
interface RunConfig {
    /** Most runs that have a trainer at the same time; the others wait in the queue. */
    @WithDefault("1")
    int maxConcurrentRuns();

    /** Most attempts at a run: a trainer that was lost, or failed in a way that may pass, is followed by another. */
    @WithDefault("3")
    int maxAttempts();

    /**
     * How long a run waits when its trainer has found its disk full; twice as long after each further time, up to ten
     * minutes. Such attempts are not counted.
     */
    @WithDefault("30s")
    Duration spaceBackoff();

    /** How often what should run is compared with what runs; reports of trainers make it happen sooner. */
    @WithDefault("1s")
    Duration reconcileInterval();

    /** Address under which trainers reach this service; absent: this host. */
    Optional<URI> reportAddress();

    /** How often runs of deleted projects are looked for and removed. */
    @WithDefault("30s")
    Duration deletedProjectsInterval();
}
