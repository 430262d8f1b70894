package dev.loupe.inference.threshold;

import dev.loupe.contracts.Task;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.model.DevScores;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.ScoreCalibration;
import dev.loupe.model.Threshold;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;

/**
 * What the package of a detector says about its threshold.
 *
 * @param threshold threshold that the training chose
 * @param dev scores of the DEV images, null if the package has none
 * @param calibration null if the package has no scores of normal DEV images
 */
record DetectorPackage(Threshold threshold, DetectorScores dev, ScoreCalibration calibration) {

    /**
     * Reads the package of a version from object storage.
     *
     * @throws ServiceException {@code MODEL_TASK_MISMATCH} if it is a classifier
     */
    static DetectorPackage read(ObjectStore store, Model model, ModelVersion version) {
        if (model.task() != Task.ANOMALY_DETECTION) {
            throw new ServiceException(
                    ErrorCode.MODEL_TASK_MISMATCH,
                    "model '%s' is for %s: only an anomaly detector has thresholds"
                            .formatted(model.name(), model.task()));
        }
        ModelManifest manifest = ModelPackage.parse(store.read(version.manifest(), version.manifestSha256()));
        StoredFile scores = manifest.files().get(DevScores.FILE);
        if (scores == null) {
            return new DetectorPackage(manifest.threshold(), null, null);
        }
        String key = version.manifest().key();
        ObjectLocation location = new ObjectLocation(
                version.manifest().bucket(), key.substring(0, key.lastIndexOf('/') + 1) + DevScores.FILE);
        DevScores dev = DevScores.parse(store.read(location, scores.sha256()));
        String normalLabel = manifest.labels().getFirst();
        double[] normal = dev.sorted(normalLabel::equals);
        return new DetectorPackage(
                manifest.threshold(),
                new DetectorScores(normal, dev.sorted(label -> !normalLabel.equals(label))),
                normal.length == 0 ? null : new ScoreCalibration(normal));
    }

    /**
     * Returns the DEV scores.
     *
     * @throws ServiceException {@code DEV_SCORES_MISSING}
     */
    DetectorScores requireDev(Model model, ModelVersion version) {
        if (dev == null) {
            throw new ServiceException(
                    ErrorCode.DEV_SCORES_MISSING,
                    "version %d of model '%s' has no DEV scores: train it again, or set its threshold with the method MANUAL"
                            .formatted(version.number(), model.name()));
        }
        return dev;
    }
}
