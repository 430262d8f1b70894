package dev.loupe.inference.serve;

import dev.loupe.vision.image.DecoderMemory;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;

/** Decoding of images, as in dataset-service. */
@ConfigMapping(prefix = "loupe.images")
interface DecodingConfig {
    /**
     * Memory that all images together may take while they are decoded; half of the memory beside the heap by default,
     * from 64M to 1G.
     */
    Optional<MemorySize> decoderMemory();

    /** Tells the decoder, before the first image comes. */
    @ApplicationScoped
    class Setting {
        void set(@Observes StartupEvent event, DecodingConfig config) {
            config.decoderMemory().map(MemorySize::asLongValue).ifPresent(DecoderMemory::limit);
        }
    }
}
