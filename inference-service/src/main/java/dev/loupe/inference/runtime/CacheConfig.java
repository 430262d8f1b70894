package dev.loupe.inference.runtime;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** Cache of the packages that a replica has downloaded. */
@ConfigMapping(prefix = "loupe.inference.cache")
interface CacheConfig {
    /** Folder for this replica alone, preferably on a disk that outlives the process. */
    @WithDefault("${java.io.tmpdir}/loupe-inference-cache")
    Path directory();

    /**
     * Size above which packages are deleted, the least recently used first. Packages that an alias points at are never
     * deleted.
     */
    @WithDefault("10G")
    MemorySize maxSize();
}
