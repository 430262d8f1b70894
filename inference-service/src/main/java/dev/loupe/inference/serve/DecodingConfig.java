package dev.loupe.inference.serve;

import dev.loupe.imaging.DecoderMemory;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;

/** Configuration of image decoding, as in dataset-service. */
@ConfigMapping(prefix = "loupe.images")
interface DecodingConfig {
    /**
     * Memory for all images that are decoded at the same time. Default: half of the memory outside the heap, from 64M
     * to 1G.
     */
    Optional<MemorySize> decoderMemory();

    /** Applies the limit to the decoder before the first image is decoded. */
    @ApplicationScoped
    class Setting {
        void set(@Observes StartupEvent event, DecodingConfig config) {
            config.decoderMemory().map(MemorySize::asLongValue).ifPresent(DecoderMemory::limit);
        }
    }
}
