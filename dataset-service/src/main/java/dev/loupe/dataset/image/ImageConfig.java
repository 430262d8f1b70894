package dev.loupe.dataset.image;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Limits of images, and how long their objects are kept. */
@ConfigMapping(prefix = "loupe.images")
public interface ImageConfig {
    /** Maximum size of an encoded image. */
    @WithDefault("64M")
    MemorySize maxSize();

    /**
     * Memory outside the heap for all images that are decoded at the same time. Absent: half of the memory of the
     * container or machine outside the heap, at least 64 MiB and at most 1 GiB.
     */
    Optional<MemorySize> decoderMemory();

    /** How long an image waits for decoder memory that other images use, before its upload is rejected with 503. */
    @WithDefault("15s")
    Duration decoderPatience();

    /** Most objects that one upload writes at the same time. */
    @WithDefault("8")
    int parallelWrites();

    /**
     * Age at which an unreferenced object is deleted. Must be longer than an import may take ({@code
     * loupe.upload.import-timeout}), because an import writes its objects before it makes them visible.
     */
    @WithDefault("24h")
    Duration orphanAge();

    /** How long a deleted image can be restored. */
    @WithDefault("7d")
    Duration deletionRetention();
}
