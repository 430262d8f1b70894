package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.Predictor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to use one version until the lease is closed. A response is computed with one lease, so it never mixes two
 * versions, even if an alias moves meanwhile.
 */
public final class ModelLease implements AutoCloseable {
    private final LoadedModel model;
    private final AtomicBoolean open = new AtomicBoolean(true);

    /** Takes ownership of a reference that was retained. */
    ModelLease(LoadedModel model) {
        this.model = model;
    }

    public ModelVersion version() {
        return model.version();
    }

    public ModelManifest manifest() {
        return model.manifest();
    }

    /** Returns the predictor. Must not be used after the lease is closed. */
    public Predictor predictor() {
        return model.predictor();
    }

    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            model.release();
        }
    }
}
