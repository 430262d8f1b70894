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
    /**
     * Folder of requests while they are received and imported; in the system's temporary folder by default. It is for one
     * process: files of earlier uploads are removed at the start.
     */
    Optional<Path> directory();

    /** Age at which a file in it is removed in any case. Must be longer than an upload and its import take. */
    @WithDefault("12h")
    Duration leftoverAge();

    /** Most bytes of all files in it: of all uploads that are received or imported at a time. */
    @WithDefault("8G")
    MemorySize maxSpoolSize();

    /**
     * Heap that the encoded images of all uploads take, from when they are read until they are stored; at least the
     * largest image. Absent: a third of the heap.
     */
    Optional<MemorySize> memory();

    /** Longest time in which a request arrives. */
    @WithDefault("3h")
    Duration receiveTimeout();

    /** Fewest bytes of a request that arrive in a second, on average of each period. */
    @WithDefault("16K")
    MemorySize minRate();

    /** Period in which the bytes that arrive are counted. */
    @WithDefault("30s")
    Duration minRatePeriod();

    /** Most bytes of an archive. */
    @WithDefault("4G")
    MemorySize maxArchiveSize();

    /** Most bytes of a form. */
    @WithDefault("4G")
    MemorySize maxFormSize();

    /** Most files of a form. */
    @WithDefault("10000")
    int maxFormFiles();

    /** Most entries of an archive. */
    @WithDefault("200000")
    int maxEntries();

    /** Most bytes of an archive's directory, the names and headers of its entries, which are held in memory. */
    @WithDefault("32M")
    MemorySize maxDirectorySize();

    /** How many times larger than the archive its content may be. */
    @WithDefault("200")
    int maxRatio();

    /** Most archives that are imported at once; others wait. */
    @WithDefault("2")
    int concurrentImports();

    /** Most forms that are imported at once; others wait. */
    @WithDefault("4")
    int concurrentForms();

    /**
     * Longest time that an import takes. Must be shorter than {@code loupe.images.orphan-age}: the objects that it has
     * written are collected after that.
     */
    @WithDefault("6h")
    Duration importTimeout();
}
