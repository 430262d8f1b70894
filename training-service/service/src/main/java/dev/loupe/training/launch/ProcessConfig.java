package dev.loupe.training.launch;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Configuration of trainers that run as processes on this machine. */
@ConfigMapping(prefix = "loupe.training.process")
interface ProcessConfig {
    /** Path of the {@code java} that runs the trainer; absent: the one that runs this service. */
    Optional<Path> java();

    /** File with the trainer's class path, on one line. Must be set for {@code loupe.training.launcher=process}. */
    Optional<Path> classpathFile();

    /** Class of the trainer's {@code main}. */
    @WithDefault("dev.loupe.trainer.Trainer")
    String mainClass();

    /** Folder for the attempts' specs, logs and scratch files, and for the cache of images. */
    @WithDefault(".loupe/runs")
    Path directory();

    /** Maximum heap of a trainer. The memory of native libraries is not included. */
    @WithDefault("2G")
    MemorySize heap();

    /** Number of cores that a trainer may use; absent: all of them. */
    OptionalInt threads();

    /** Further options of the trainer's JVM. */
    Optional<List<String>> options();

    /** Time between the request to end and the kill of a trainer. */
    @WithDefault("10s")
    Duration stopGrace();
}
