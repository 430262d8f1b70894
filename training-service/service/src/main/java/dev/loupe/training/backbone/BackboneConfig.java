package dev.loupe.training.backbone;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How backbones are imported. */
@ConfigMapping(prefix = "loupe.training.backbones")
interface BackboneConfig {
    /** Size of the largest file. */
    @WithDefault("256M")
    MemorySize maxFileSize();

    /** Folder for uploads and validations; absent: {@code loupe-backbones} in the folder for temporary files. */
    Optional<Path> directory();

    /** Most imports at the same time. */
    @WithDefault("4")
    int concurrentImports();

    /** Longest time that an upload may take. */
    @WithDefault("30m")
    Duration uploadTimeout();

    /**
     * Minimum rate of an upload in bytes per second, averaged since its start; not enforced in the first ten seconds.
     */
    @WithDefault("16K")
    MemorySize minimumUploadRate();

    /** Most validations at the same time. Each is a process. */
    @WithDefault("1")
    int concurrentValidations();

    /** How long an import waits for its validation to start. */
    @WithDefault("60s")
    Duration validationQueueTimeout();

    /** Longest time of a validation. */
    @WithDefault("60s")
    Duration validationTimeout();

    /**
     * Address space of a validation process, to which four times the size of the file is added. Any Java program reserves
     * about 600 MiB of it, and leaves most of that unused; the rest is for the intermediate results of the network.
     */
    @WithDefault("1G")
    MemorySize validationMemory();
}
