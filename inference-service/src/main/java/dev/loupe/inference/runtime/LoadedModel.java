package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.vision.model.ModelManifest;
import dev.loupe.vision.model.Predictor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A version in memory. Each user of it holds a reference: the native session is closed with the last one, and
 * never under a request. Born with one reference, the routing table's.
 */
final class LoadedModel {
    private final ModelVersion version;
    private final ModelManifest manifest;
    private final Predictor predictor;
    private final AtomicInteger references = new AtomicInteger(1);
    private volatile long lastUsed = System.nanoTime();

    LoadedModel(ModelVersion version, ModelManifest manifest, Predictor predictor) {
        this.version = version;
        this.manifest = manifest;
        this.predictor = predictor;
    }

    ModelVersion version() {
        return version;
    }

    ModelManifest manifest() {
        return manifest;
    }

    Predictor predictor() {
        return predictor;
    }

    /** {@link System#nanoTime()} of the last request. */
    long lastUsed() {
        return lastUsed;
    }

    /** Takes a reference; false if the model is closed already. */
    boolean retain() {
        lastUsed = System.nanoTime();
        return references.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
    }

    /** Gives a reference back. */
    void release() {
        if (references.decrementAndGet() == 0) {
            predictor.close();
        }
    }
}
