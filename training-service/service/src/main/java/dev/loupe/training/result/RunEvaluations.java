package dev.loupe.training.result;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StoredObject;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunState;
import dev.loupe.training.run.Runs;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The evaluations of runs, as the trainer stored them. */
@ApplicationScoped
class RunEvaluations {
    private final Runs runs;
    private final ObjectStore store;
    private final StorageConfig storage;
    private final ObjectMapper json;

    RunEvaluations(Runs runs, ObjectStore store, StorageConfig storage, ObjectMapper json) {
        this.runs = runs;
        this.store = store;
        this.storage = storage;
        this.json = json;
    }

    /**
     * Returns the evaluation of a run, with its control.
     *
     * @throws ServiceException {@code EVALUATION_NOT_FOUND} if it has none
     */
    RunEvaluation require(Run run) {
        if (run.status().state() != RunState.SUCCEEDED) {
            throw new ServiceException(
                    ErrorCode.EVALUATION_NOT_FOUND,
                    "run " + run.id() + " is " + run.status().state()
                            + ": only a run that SUCCEEDED has an evaluation");
        }
        ObjectLocation document = new ObjectLocation(
                storage.bucket(),
                Run.prefix(run.id()) + Evaluation.key(run.status().attempt()));
        StoredObject stored = store.find(document)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.EVALUATION_NOT_FOUND,
                        "run " + run.id() + " has no evaluation: it was trained without TEST images, with a recipe that"
                                + " evaluates nothing, or before evaluations were kept"));
        if (stored.size() > Evaluation.MAX_BYTES) {
            throw new IllegalStateException("evaluation of run " + run.id() + ": expected at most "
                    + Evaluation.MAX_BYTES + " bytes, got " + stored.size());
        }
        try {
            return new RunEvaluation(
                    json.readValue(store.read(document), Evaluation.class),
                    runs.control(run).map(RunEvaluation.Control::of).orElse(null));
        } catch (JacksonException e) {
            throw new IllegalStateException("evaluation of run " + run.id() + " cannot be read", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
