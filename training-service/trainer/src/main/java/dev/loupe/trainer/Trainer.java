package dev.loupe.trainer;

import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program that trains: one process, one attempt at one run. It reads the spec that its argument names, and its last
 * word is {@code attempts/N/result.json} in object storage. Ended by SIGTERM (143) or killed, it leaves no result; the
 * next attempt goes on from its last checkpoint.
 */
public final class Trainer {
    /** Exit code: the result is in object storage, whatever it says. */
    static final int DONE = 0;
    /** Exit code: the result could not be written. */
    static final int NO_RESULT = 1;
    /** Exit code: the spec or the environment can't be used; another attempt would not fare better. */
    static final int BAD_CONFIGURATION = 2;
    /** Exit code: this attempt has a trainer, or had one. */
    static final int ALREADY_CLAIMED = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    private Trainer() {}

    /**
     * @param arguments the path of a {@link TrainerSpec} as JSON
     */
    public static void main(String... arguments) {
        System.exit(run(arguments, System.getenv()));
    }

    static int run(String[] arguments, Map<String, String> environment) {
        TrainerSpec spec;
        Settings settings;
        try {
            if (arguments.length != 1) {
                throw new IllegalArgumentException("expected one argument, the path of the spec");
            }
            spec = Json.MAPPER.readValue(Path.of(arguments[0]).toFile(), TrainerSpec.class);
            settings = Settings.of(environment);
            if (!Claim.take(Path.of(spec.workDirectory()))) {
                LOG.warn("attempt {} of run {} has had a trainer already", spec.attempt(), spec.runId());
                return ALREADY_CLAIMED;
            }
        } catch (IOException | IllegalArgumentException | NullPointerException e) {
            LOG.error("bad configuration: {}", e.getMessage());
            return BAD_CONFIGURATION;
        }
        return train(spec, settings);
    }

    private static int train(TrainerSpec spec, Settings settings) {
        LOG.info("run {}, attempt {}: {} for '{}'", spec.runId(), spec.attempt(), spec.recipe(), spec.projectName());
        Path scratch = Path.of(spec.workDirectory(), "scratch");
        try (ObjectStore store = new MinioObjectStore(settings.storage());
                Reports reports = new Reports(spec, settings.reportToken())) {
            Files.createDirectories(scratch);
            TrainerResult result = new TrainingAttempt(spec, store, reports, scratch).run();
            store.put(
                    new ObjectLocation(
                            spec.output().bucket(),
                            spec.output().prefix() + "attempts/" + spec.attempt() + "/result.json"),
                    Json.MAPPER.writeValueAsBytes(result),
                    "application/json");
            LOG.info("{} {}", result.outcome(), result.failure() == null ? result.metrics() : result.failure());
            reports.last();
            return DONE;
        } catch (StorageException | IOException e) {
            LOG.error("the result can't be written", e);
            return NO_RESULT;
        } finally {
            Scratch.delete(scratch);
        }
    }
}
