package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.Arm;
import dev.loupe.inference.registry.CurrentThreshold;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.Precision;
import dev.loupe.model.Predictor;
import dev.loupe.model.ScoreCalibration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to use one version until the lease is closed. A response is computed with one lease, so it never mixes two
 * versions or two thresholds, even if an alias moves or the threshold changes meanwhile.
 */
public final class ModelLease implements AutoCloseable {
    private final LoadedModel model;
    private final CurrentThreshold threshold;
    private final ArmKey armKey;
    private final ShadowTarget shadow;
    private final AtomicBoolean open = new AtomicBoolean(true);

    /** Takes ownership of a reference that was retained. */
    ModelLease(LoadedModel model, CurrentThreshold threshold, ArmKey armKey, ShadowTarget shadow) {
        this.model = model;
        this.threshold = threshold;
        this.armKey = armKey;
        this.shadow = shadow;
    }

    public UUID projectId() {
        return model.projectId();
    }

    public ModelVersion version() {
        return model.version();
    }

    /** The arm that answers; null if the request names no alias with a candidate. */
    public Arm arm() {
        return armKey == null ? null : armKey.arm();
    }

    /** The arm that answers, with its alias; null if the request names no alias with a candidate. */
    public ArmKey armKey() {
        return armKey;
    }

    /** The candidate that also sees the images; null if there is none. */
    public ShadowTarget shadow() {
        return shadow;
    }

    public ModelManifest manifest() {
        return model.manifest();
    }

    /** The threshold that a detector decides with; null for a classifier. */
    public CurrentThreshold threshold() {
        return threshold;
    }

    /** The calibration of a detector's scores; null for a classifier, and without DEV scores in the package. */
    public ScoreCalibration calibration() {
        return model.calibration();
    }

    /** What the version computes with in this replica. */
    public Precision precision() {
        return model.predictor().precision();
    }

    /** Returns the predictor. Must not be used after the lease is closed. */
    public Predictor predictor() {
        return model.predictor();
    }

    /** What is computed together with other requests. */
    BatchingConfig.Limits batching() {
        return model.batching();
    }

    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            model.release();
        }
    }
}
