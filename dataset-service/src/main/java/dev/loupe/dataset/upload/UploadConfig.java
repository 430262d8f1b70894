package dev.loupe.dataset.upload;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What an upload may be. */
@ConfigMapping(prefix = "loupe.upload")
interface UploadConfig {
    /** Where requests lie while they are read; a folder in the system's temporary folder if it is not said. */
    Optional<Path> directory();

    /** Age at which a file in it was left behind by a killed process and goes. */
    @WithDefault("12h")
    Duration leftoverAge();

    /** Most bytes of an archive. */
    @WithDefault("4G")
    MemorySize maxArchiveSize();

    /** Most entries of an archive. */
    @WithDefault("200000")
    int maxEntries();

    /** How many times larger than its archive what is packed in it may be. */
    @WithDefault("200")
    int maxRatio();

    /** Most imports that run at once; others wait. */
    @WithDefault("2")
    int concurrentImports();
}
