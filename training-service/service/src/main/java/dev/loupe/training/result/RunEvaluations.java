package dev.loupe.training.result;

import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.run.Run;
import jakarta.enterprise.context.ApplicationScoped;

/** The evaluations of runs, as the trainer stored them. */
@ApplicationScoped
public class RunEvaluations {
    private static final RunDocuments.Kind<Evaluation> KIND = new RunDocuments.Kind<>(
            Evaluation.class,
            Evaluation.MAX_BYTES,
            "evaluation",
            ErrorCode.EVALUATION_NOT_FOUND,
            "it was trained without TEST images, with a recipe that evaluates nothing, or before evaluations were kept");

    private final RunDocuments documents;

    RunEvaluations(RunDocuments documents) {
        this.documents = documents;
    }

    /**
     * Returns the evaluation of a run, with its control.
     *
     * @throws ServiceException {@code EVALUATION_NOT_FOUND} if it has none
     */
    public RunEvaluation require(Run run) {
        RunDocuments.requireSucceeded(run, KIND);
        Evaluation evaluation = documents.read(run, Evaluation.key(run.status().attempt()), KIND);
        return new RunEvaluation(evaluation, run.outcome().control());
    }
}
