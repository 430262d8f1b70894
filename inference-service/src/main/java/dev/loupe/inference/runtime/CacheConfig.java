package dev.loupe.inference.runtime;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** Where a replica keeps the packages that it downloaded. */
@ConfigMapping(prefix = "loupe.inference.cache")
interface CacheConfig {
    /** Folder of this replica alone; best on a disk that outlives the process. */
    @WithDefault("${java.io.tmpdir}/loupe-inference-cache")
    Path directory();

    /** Packages beyond this size go, the longest unused first; those that an alias names stay. */
    @WithDefault("10G")
    MemorySize maxSize();
}
