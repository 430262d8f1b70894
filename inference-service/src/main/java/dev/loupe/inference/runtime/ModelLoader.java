package dev.loupe.inference.runtime;

import dev.loupe.contracts.Task;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.model.DevScores;
import dev.loupe.model.InvalidPackageException;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Predictor;
import dev.loupe.model.ScoreCalibration;
import jakarta.enterprise.context.ApplicationScoped;

/** Loads a version into memory, if it is what was registered and reproduces its parity samples on this machine. */
@ApplicationScoped
class ModelLoader {
    private final PackageCache cache;

    ModelLoader(PackageCache cache) {
        this.cache = cache;
    }

    /**
     * Verifies, opens and warms up a version.
     *
     * @throws RuntimeException with a message that says why the version cannot be served
     */
    LoadedModel load(Model model, ModelVersion version) {
        ModelPackage opened = cache.open(version);
        ModelManifest manifest = opened.manifest();
        if (!manifest.task().name().equals(model.task().name())) {
            throw new InvalidPackageException("model package: expected task " + model.task() + " of project '"
                    + model.name() + "', got " + manifest.task());
        }
        if (manifest.paritySamples().isEmpty()) {
            throw new InvalidPackageException("model package: expected parity samples, got none");
        }
        Predictor predictor = Predictor.open(opened);
        try {
            // Also warms up: a session plans its memory in its first runs.
            predictor.verifyParity();
            return new LoadedModel(version, manifest, predictor, calibration(opened));
        } catch (RuntimeException | Error e) {
            predictor.close();
            throw e;
        }
    }

    private static ScoreCalibration calibration(ModelPackage opened) {
        ModelManifest manifest = opened.manifest();
        if (manifest.task() != Task.ANOMALY_DETECTION || !manifest.files().containsKey(DevScores.FILE)) {
            return null;
        }
        double[] normal = DevScores.parse(opened.read(DevScores.FILE))
                .sorted(manifest.labels().getFirst()::equals);
        return normal.length == 0 ? null : new ScoreCalibration(normal);
    }
}
