package dev.loupe.dataset.image;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What an image may be, and how its object is kept. */
@ConfigMapping(prefix = "loupe.images")
public interface ImageConfig {
    /** Most bytes of one encoded image. */
    @WithDefault("64M")
    MemorySize maxSize();

    /** Most objects that one upload writes at a time. */
    @WithDefault("8")
    int parallelWrites();

    /**
     * Age at which an object that nothing refers to is collected. Must be longer than an import may take
     * ({@code loupe.upload.import-timeout}), because an import writes its objects before it makes them visible.
     */
    @WithDefault("24h")
    Duration orphanAge();
}
