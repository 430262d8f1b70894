package dev.loupe.inference.runtime;

import dev.loupe.contracts.Task;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.model.DevScores;
import dev.loupe.model.InvalidPackageException;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.ParityException;
import dev.loupe.model.Precision;
import dev.loupe.model.Predictor;
import dev.loupe.model.ScoreCalibration;
import dev.loupe.model.onnx.InvalidOnnxException;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Loads a version into memory, if it is what was registered and reproduces its parity samples on this machine. */
@ApplicationScoped
class ModelLoader {
    private static final Logger LOG = Logger.getLogger(ModelLoader.class);

    private final PackageCache cache;
    private final Precision precision;

    /**
     * @param precision what to compute with: {@code int8} applies to the versions whose packages have such a model, and
     *     only if it reproduces its parity samples on this machine
     */
    ModelLoader(
            PackageCache cache,
            @ConfigProperty(name = "loupe.inference.precision", defaultValue = "fp32") Precision precision) {
        this.cache = cache;
        this.precision = precision;
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
        Predictor predictor = predictor(model, version, opened);
        try {
            return new LoadedModel(model.projectId(), version, manifest, predictor, calibration(opened));
        } catch (RuntimeException | Error e) {
            predictor.close();
            throw e;
        }
    }

    private Predictor predictor(Model model, ModelVersion version, ModelPackage opened) {
        if (precision == Precision.INT8 && opened.manifest().has(Precision.INT8)) {
            try {
                return verified(opened, Precision.INT8);
            } catch (ParityException | InvalidOnnxException | IllegalStateException e) {
                // Processors without instructions for products of 8-bit integers compute them with other rounding.
                LOG.warnf(
                        "model '%s' version %d is served with fp32: the model with int8 was refused: %s",
                        model.name(), version.number(), e.getMessage());
            }
        }
        return verified(opened, Precision.FP32);
    }

    private static Predictor verified(ModelPackage opened, Precision precision) {
        Predictor predictor = Predictor.open(opened, precision, 1);
        try {
            // Also warms up: a session plans its memory in its first runs.
            predictor.verifyParity();
            return predictor;
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
