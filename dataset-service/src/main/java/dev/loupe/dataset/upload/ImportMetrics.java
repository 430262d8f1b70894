package dev.loupe.dataset.upload;

import dev.loupe.dataset.upload.ImageImport.State;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Metrics of the imports of this replica. */
@ApplicationScoped
class ImportMetrics {
    private final MeterRegistry registry;
    private final AtomicInteger running;

    ImportMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.running = registry.gauge("loupe.imports.running", new AtomicInteger());
    }

    void started() {
        running.incrementAndGet();
    }

    void stopped() {
        running.decrementAndGet();
    }

    /** Counts an import that this replica ended. */
    void ended(State state) {
        registry.counter("loupe.imports.ended", "state", state.name().toLowerCase(Locale.ROOT))
                .increment();
    }
}
