package dev.loupe.training.launch;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Trainers as processes of this machine. */
@ConfigMapping(prefix = "loupe.training.process")
interface ProcessConfig {
    /** The {@code java} that runs the trainer; absent: the one that runs this service. */
    Optional<Path> java();

    /** File that holds the trainer's class path, as one line. Must be set for {@code loupe.training.launcher=process}. */
    Optional<Path> classpathFile();

    /** Folder of the attempts' specs, logs and scratch files, and of the cache of images. */
    @WithDefault(".loupe/runs")
    Path directory();

    /** Largest heap of a trainer. The memory of the native libraries comes on top. */
    @WithDefault("2G")
    MemorySize heap();

    /** Cores that a trainer may use; absent: all of them. */
    OptionalInt threads();

    /** Further options of the trainer's JVM. */
    Optional<List<String>> options();

    /** How long a trainer that was asked to end may take before it is killed. */
    @WithDefault("10s")
    Duration stopGrace();
}
