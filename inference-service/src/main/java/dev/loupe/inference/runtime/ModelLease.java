package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.vision.model.ModelManifest;
import dev.loupe.vision.model.Predictor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to compute with one version until it is closed. All of an answer is made with one lease, so no answer mixes
 * two versions, whatever moves meanwhile.
 */
public final class ModelLease implements AutoCloseable {
    private final LoadedModel model;
    private final AtomicBoolean open = new AtomicBoolean(true);

    /** Takes over a reference that was retained. */
    ModelLease(LoadedModel model) {
        this.model = model;
    }

    public ModelVersion version() {
        return model.version();
    }

    public ModelManifest manifest() {
        return model.manifest();
    }

    /** Not to be used after this lease is closed. */
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
