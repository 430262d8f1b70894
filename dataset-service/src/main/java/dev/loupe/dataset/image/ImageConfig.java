package dev.loupe.dataset.image;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** What an image may be, and how its object is kept. */
@ConfigMapping(prefix = "loupe.images")
public interface ImageConfig {
    /** Most bytes of one encoded image. */
    @WithDefault("64M")
    MemorySize maxSize();

    /**
     * Memory that all images that are decoded at one time may take, beside the heap. Absent: half of what the container
     * or the machine has beside the heap, at least 64 MiB and at most 1 GiB.
     */
    Optional<MemorySize> decoderMemory();

    /** How long an image waits for memory that other images hold, before its upload is answered with 503. */
    @WithDefault("15s")
    Duration decoderPatience();

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
