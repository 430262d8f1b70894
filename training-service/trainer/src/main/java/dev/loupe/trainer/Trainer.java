package dev.loupe.trainer;

import dev.loupe.contracts.training.AttemptClaim;
import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.imaging.DecoderMemory;
import dev.loupe.model.onnx.ComputeDevice;
import dev.loupe.storage.GrantedObjectStore;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.net.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The training program: one process makes one attempt of one run, which trains a model, evaluates or extends one, or
 * imports one that was trained elsewhere. It reads the spec named by its argument, and finally writes {@code attempts/N/result.json} to object storage. If asked to end (SIGTERM), it saves its state and writes no
 * result; if killed, it writes no result either. The next attempt resumes from its last checkpoint.
 */
public final class Trainer {
    static {
        // Must precede all logging. The JDK's own log manager stops logging at SIGTERM.
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
    }

    /** How long requests to an unavailable service are retried: longer than a restart of the service takes. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    private Trainer() {}

    /**
     * @param arguments the path of a {@link TrainerSpec} as JSON
     */
    public static void main(String... arguments) {
        LogLines.install(System.getenv());
        // No client waits for an answer, so images of a run may wait long for decoder memory.
        DecoderMemory.limit(DecoderMemory.limit(), Duration.ofHours(1));
        Termination termination = Termination.ofThisProcess();
        termination.end(run(arguments, System.getenv(), termination));
    }

    static int run(String[] arguments, Map<String, String> environment, Termination termination) {
        TrainerSpec spec;
        Settings settings;
        try {
            if (arguments.length != 1) {
                throw new IllegalArgumentException("expected one argument, the path of the spec");
            }
            spec = Json.MAPPER.readValue(Path.of(arguments[0]).toFile(), TrainerSpec.class);
            settings = Settings.of(environment);
            LogLines.mark(Map.of(
                    "runId", spec.runId(),
                    "attempt", Integer.toString(spec.attempt()),
                    "project", spec.projectName()));
            LogLines.mark(settings.trace().ids());
            if (!AttemptClaim.tryClaim(Path.of(spec.workDirectory()))) {
                LOG.warn("attempt {} of run {} has had a trainer already", spec.attempt(), spec.runId());
                return TrainerExit.ALREADY_CLAIMED;
            }
            ComputeDevice.choose(environment);
            Torch.useThreads(spec.threads());
        } catch (IOException | IllegalArgumentException | NullPointerException e) {
            if (Failures.isNoSpace(e)) {
                LOG.error("the disk is full: {}", e.getMessage());
                return TrainerExit.NO_SPACE;
            }
            LOG.error("bad configuration: {}", e.getMessage());
            return TrainerExit.BAD_CONFIGURATION;
        }
        return train(spec, settings, termination);
    }

    private static int train(TrainerSpec spec, Settings settings, Termination termination) {
        Path scratch = Path.of(spec.workDirectory(), "scratch");
        try {
            Files.createDirectories(scratch);
            try (AttemptLog log = new AttemptLog(spec, settings.name(), scratch);
                    ServiceGrants grants = new ServiceGrants(spec, settings, PATIENCE);
                    ObjectStore store =
                            new GrantedObjectStore(grants, 7, settings.tls().storage());
                    Reports reports = new Reports(spec, settings)) {
                termination.onRequest(reports::stop);
                LOG.info("run {}, attempt {}: {}{}", spec.runId(), spec.attempt(), purpose(spec), spec.recipe());
                DatasetFetch fetch = new DatasetFetch(store, grants::prefetch, Path.of(spec.cacheDirectory()), reports);
                TrainerResult result =
                        attempt(spec, store, fetch, reports, scratch, settings).run();
                if (result.outcome() == Outcome.CANCELLED && reports.stopping()) {
                    LOG.info("asked to end: the next attempt resumes from what is saved");
                    log.store(store);
                    return TrainerExit.STOPPED;
                }
                LOG.info("{} {}", result.outcome(), result.failure() == null ? result.metrics() : result.failure());
                log.store(store);
                write(spec, store, result);
                reports.sendFinal();
                return TrainerExit.DONE;
            }
        } catch (StorageException.Revoked _) {
            LOG.info("the attempt is over for training-service; its result is not written");
            return TrainerExit.DONE;
        } catch (StorageException | IOException e) {
            if (Failures.isNoSpace(e)) {
                LOG.error("the disk is full: {}", e.getMessage());
                return TrainerExit.NO_SPACE;
            }
            LOG.error("the result can't be written", e);
            return TrainerExit.NO_RESULT;
        } finally {
            Scratch.delete(scratch);
        }
    }

    private static String purpose(TrainerSpec spec) {
        if (spec.extend() != null) {
            return "extends " + spec.extend().model().key() + ", a model of ";
        }
        return spec.evaluate() == null ? "" : "evaluates " + spec.evaluate().key() + ", a model of ";
    }

    private static Attempt attempt(
            TrainerSpec spec, ObjectStore store, DatasetFetch fetch, Reports reports, Path scratch, Settings settings) {
        if (spec.evaluate() != null) {
            return new EvaluationAttempt(spec, store, fetch, reports, scratch);
        }
        if (spec.extend() != null) {
            return new ExtensionAttempt(spec, store, fetch, reports, scratch);
        }
        return spec.imported() != null
                ? new ImportAttempt(spec, store, fetch, reports, scratch)
                : new TrainingAttempt(spec, store, fetch, reports, scratch, settings.recipes());
    }

    private static void write(TrainerSpec spec, ObjectStore store, TrainerResult result) throws IOException {
        store.put(
                new ObjectLocation(spec.output().bucket(), spec.resultKey()),
                Json.MAPPER.writeValueAsBytes(result),
                "application/json");
    }
}
