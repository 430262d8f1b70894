package dev.loupe.dataset.upload;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Limits of uploads. */
@ConfigMapping(prefix = "loupe.upload")
interface UploadConfig {
    /**
     * Folder for requests while they are received and imported; default: in the system's temporary folder. Only one
     * process may use it: files of earlier uploads are deleted on startup.
     */
    Optional<Path> directory();

    /** Age at which a file in the folder is deleted in any case. Must be longer than an upload and its import take. */
    @WithDefault("12h")
    Duration leftoverAge();

    /** Most bytes of all files in the folder: of all uploads that are received or imported at the same time. */
    @WithDefault("8G")
    MemorySize maxSpoolSize();

    /**
     * Heap for the encoded images of all uploads, from reading to storing; at least the size of the largest image.
     * Absent: a third of the heap.
     */
    Optional<MemorySize> memory();

    /** Longest time for receiving a request. */
    @WithDefault("3h")
    Duration receiveTimeout();

    /** Minimum rate of a request in bytes per second, averaged over each period. */
    @WithDefault("16K")
    MemorySize minRate();

    /** Period over which the rate is averaged. */
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

    /** Most times that the content of an archive may be larger than the archive. */
    @WithDefault("200")
    int maxRatio();

    /** Most archives that this replica imports at the same time; others wait. */
    @WithDefault("2")
    int concurrentImports();

    /** Most imports of all projects that wait or run. */
    @WithDefault("1000")
    int maxUnfinishedImports();

    /** Time after which another replica continues an import whose replica has ended. */
    @WithDefault("15s")
    Duration importLease();

    /** Time after which an import is retried that failed for a temporary reason, such as a full disk. */
    @WithDefault("5s")
    Duration importRetryDelay();

    /** How often an import may be interrupted by the end of its replica before it fails. */
    @WithDefault("3")
    int maxImportInterruptions();

    /** How long imports that have ended are kept. */
    @WithDefault("30d")
    Duration importRetention();

    /** Most forms that are imported at the same time; others wait. */
    @WithDefault("4")
    int concurrentForms();

    /**
     * Longest time that an import takes, from its first start to its end. Must be shorter than {@code loupe.images.orphan-age}, the age at which the
     * objects that it has written may be deleted.
     */
    @WithDefault("6h")
    Duration importTimeout();
}
