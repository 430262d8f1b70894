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

    /** Folder that uploads and trials use; absent: {@code loupe-backbones} in the folder for temporary files. */
    Optional<Path> directory();

    /** Most imports at the same time. */
    @WithDefault("4")
    int concurrentImports();

    /** Longest time that an upload may take. */
    @WithDefault("30m")
    Duration uploadTimeout();

    /** Fewest bytes a second of an upload, as a mean since its start; the first ten seconds are not counted. */
    @WithDefault("16K")
    MemorySize minimumUploadRate();

    /** Most trials of networks at the same time: each is a process. */
    @WithDefault("1")
    int concurrentTrials();

    /** How long an import waits for a trial to begin. */
    @WithDefault("60s")
    Duration trialQueueTimeout();

    /** Longest time of a trial. */
    @WithDefault("60s")
    Duration trialTimeout();

    /**
     * Address space of a trial's process, to which four times the size of the file is added. Some 600 MiB of it are those
     * of any Java program, most of them not used; the rest is for the network's intermediate results.
     */
    @WithDefault("1G")
    MemorySize trialMemory();
}
