package dev.loupe.dataset.limit;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Limits of projects for which an administrator has set none. Absent: there is no limit. */
@ConfigMapping(prefix = "loupe.storage-limits")
interface StorageLimitsConfig {
    /** Images of a project. */
    Optional<Long> maxImages();

    /** Bytes of the images of a project. */
    Optional<MemorySize> maxBytes();
}
