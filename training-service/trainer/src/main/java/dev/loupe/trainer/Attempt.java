package dev.loupe.trainer;

import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.training.CancelledException;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt of a run, from downloading the dataset version to uploading what came of it. */
abstract sealed class Attempt permits TrainingAttempt, EvaluationAttempt {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    final TrainerSpec spec;
    final ObjectStore store;
    final DatasetFetch fetch;
    final Reports reports;
    final Path scratch;

    /**
     * @param scratch folder for temporary files
     */
    Attempt(TrainerSpec spec, ObjectStore store, DatasetFetch fetch, Reports reports, Path scratch) {
        this.spec = spec;
        this.store = store;
        this.fetch = fetch;
        this.reports = reports;
        this.scratch = scratch;
    }

    /** Runs the attempt and returns its result. Failures are part of the result. */
    final TrainerResult run() {
        long start = System.nanoTime();
        try {
            return succeed();
        } catch (CancelledException | StorageException.Revoked _) {
            return ended(Outcome.CANCELLED, null, start);
        } catch (Exception | OutOfMemoryError | LinkageError e) {
            LOG.error("the attempt failed", e);
            return ended(Outcome.FAILED, Failures.of(e), start);
        }
    }

    /** Returns the result with the outcome SUCCEEDED; every other outcome is an exception. */
    abstract TrainerResult succeed() throws IOException;

    private TrainerResult ended(Outcome outcome, TrainerResult.Failure failure, long start) {
        return new TrainerResult(
                spec.attempt(), outcome, failure, null, null, null, 0, secondsSince(start), null, null);
    }

    static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
