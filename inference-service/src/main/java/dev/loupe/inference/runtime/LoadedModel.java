package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.CurrentThreshold;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.Predictor;
import dev.loupe.model.ScoreCalibration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A version in memory. Each user of it holds a reference; the native session is closed when the last reference is
 * released, so never during a request. It is created with one reference, which the routing table holds.
 */
final class LoadedModel {
    private final UUID projectId;
    private final ModelVersion version;
    private final ModelManifest manifest;
    private final Predictor predictor;
    private final ScoreCalibration calibration;
    private final ModelMemory.Share memory;
    private final BatchingConfig.Limits batching;
    private final AtomicInteger references = new AtomicInteger(1);
    private volatile long lastUsed = System.nanoTime();

    /**
     * @param calibration null for a classifier, and without DEV scores in the package
     * @param memory what it takes; closed with it
     * @param batching what it computes together
     */
    LoadedModel(
            UUID projectId,
            ModelVersion version,
            ModelManifest manifest,
            Predictor predictor,
            ScoreCalibration calibration,
            ModelMemory.Share memory,
            BatchingConfig.Limits batching) {
        this.projectId = projectId;
        this.version = version;
        this.manifest = manifest;
        this.predictor = predictor;
        this.calibration = calibration;
        this.memory = memory;
        this.batching = batching;
    }

    UUID projectId() {
        return projectId;
    }

    VersionKey key() {
        return new VersionKey(projectId, version.number());
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

    ScoreCalibration calibration() {
        return calibration;
    }

    /** The threshold of the package; null for a classifier. */
    CurrentThreshold packagedThreshold() {
        return manifest.threshold() == null
                ? null
                : new CurrentThreshold(
                        version.number(),
                        CurrentThreshold.OF_PACKAGE,
                        manifest.threshold().value());
    }

    /** {@link System#nanoTime()} of the last request. */
    long lastUsed() {
        return lastUsed;
    }

    BatchingConfig.Limits batching() {
        return batching;
    }

    /** Bytes of memory that it takes. */
    long bytes() {
        return memory.bytes();
    }

    /** Adds a reference; returns false if the model is already closed. */
    boolean retain() {
        lastUsed = System.nanoTime();
        return references.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
    }

    /** Releases the reference of the routing table: the version gets no further requests. */
    void retire() {
        memory.leave();
        release();
    }

    /** Releases a reference. */
    void release() {
        if (references.decrementAndGet() == 0) {
            predictor.close();
            memory.close();
        }
    }
}
