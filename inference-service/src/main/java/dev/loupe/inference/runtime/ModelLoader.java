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
import dev.loupe.model.onnx.OnnxSession.WorkingMemory;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Loads a version into memory, if it is what was registered and reproduces its parity samples on this machine. */
@ApplicationScoped
class ModelLoader {
    private static final Logger LOG = Logger.getLogger(ModelLoader.class);

    /** How much larger than its file a model is in memory, if it was not measured yet. */
    private static final double ASSUMED_GROWTH = 1.5;
    /** Bytes of a session besides its weights, if it was not measured yet. */
    private static final long SESSION = 2 << 20;
    /** Bytes of a version that are not measured, such as its manifest. */
    private static final long FIXED = 128 << 10;
    /** Bounds of measured sizes that are believed, as factors of the file's size. */
    private static final double LEAST_GROWTH = 0.8;

    private static final double MOST_GROWTH = 4;
    private static final long MOST_SESSION = 16 << 20;

    private final PackageCache cache;
    private final BatchingConfig batching;
    private final Precision precision;

    /**
     * @param precision what to compute with: {@code int8} applies to the versions whose packages have such a model, and
     *     only if it reproduces its parity samples on this machine
     */
    ModelLoader(
            PackageCache cache,
            BatchingConfig batching,
            @ConfigProperty(name = "loupe.inference.precision", defaultValue = "fp32") Precision precision) {
        this.cache = cache;
        this.batching = batching;
        this.precision = precision;
    }

    /**
     * Verifies, opens and warms up a version.
     *
     * @param room reserves as many bytes of memory
     * @throws RuntimeException with a message that says why the version cannot be served
     */
    LoadedModel load(Model model, ModelVersion version, LongFunction<ModelMemory.Share> room) {
        ModelPackage opened = cache.open(version);
        ModelManifest manifest = opened.manifest();
        if (!manifest.task().name().equals(model.task().name())) {
            throw new InvalidPackageException("model package: expected task " + model.task() + " of project '"
                    + model.name() + "', got " + manifest.task());
        }
        if (manifest.paritySamples().isEmpty()) {
            throw new InvalidPackageException("model package: expected parity samples, got none");
        }
        ModelMemory.Share memory = room.apply(expectedSize(version, manifest));
        try {
            OptionalLong before = NativeHeap.allocated();
            Predictor predictor = predictor(model, version, opened);
            try {
                memory.resize(size(version, predictor.precision(), manifest, before));
                NativeHeap.trim(); // reading the file, and versions that were unloaded, leave holes
                return new LoadedModel(
                        model.projectId(),
                        version,
                        manifest,
                        predictor,
                        calibration(opened),
                        memory,
                        batching.models().getOrDefault(model.name(), batching.standard()));
            } catch (RuntimeException | Error e) {
                predictor.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    /** What it took the last time; before that, what a model of its file's size takes at most, as a rule. */
    private long expectedSize(ModelVersion version, ModelManifest manifest) {
        Precision expected = manifest.has(precision) ? precision : Precision.FP32;
        return cache.loadedSize(version, expected)
                .orElseGet(() -> Math.round(fileSize(manifest, expected) * ASSUMED_GROWTH) + SESSION);
    }

    /**
     * What it takes: measured, and the mean with the last time. What cannot be, since others have allocated or freed
     * much at the same time, is not believed.
     */
    private long size(ModelVersion version, Precision loaded, ModelManifest manifest, OptionalLong before) {
        long expected = cache.loadedSize(version, loaded)
                .orElseGet(() -> Math.round(fileSize(manifest, loaded) * ASSUMED_GROWTH) + SESSION);
        OptionalLong after = NativeHeap.allocated();
        if (before.isEmpty() || after.isEmpty()) {
            return expected;
        }
        long measured = after.getAsLong() - before.getAsLong() + FIXED;
        long file = fileSize(manifest, loaded);
        if (measured < file * LEAST_GROWTH || measured > file * MOST_GROWTH + MOST_SESSION) {
            return expected;
        }
        OptionalLong last = cache.loadedSize(version, loaded);
        long size = last.isPresent() ? (last.getAsLong() + measured) / 2 : measured;
        cache.keepLoadedSize(version, loaded, size);
        return size;
    }

    private static long fileSize(ModelManifest manifest, Precision precision) {
        String file =
                switch (precision) {
                    case FP32 -> ModelPackage.MODEL;
                    case INT8 -> manifest.quantization().file();
                };
        return manifest.files().get(file).size();
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
        Predictor predictor = Predictor.open(opened, precision, 1, WorkingMemory.RELEASED);
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
