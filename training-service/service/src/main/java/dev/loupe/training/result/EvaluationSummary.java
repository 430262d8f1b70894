package dev.loupe.training.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.training.run.PackagedModel;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunKind;
import dev.loupe.training.run.RunState;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * An evaluation in a list.
 *
 * @param id its id, which is that of the run that makes it
 * @param kind kind of that run: {@code EVALUATION}, or {@code TRAINING} of a model that its own run evaluates
 * @param state state of that run
 * @param reason why that run waits, failed or was retried; null if there is no reason to report
 * @param model the model
 * @param project name of the project of the dataset version
 * @param datasetVersion number of the dataset version whose TEST images it is evaluated on
 * @param knownImages number of these images that the model has learned from or was chosen on, because they are TRAIN or
 *     DEV images of the dataset version of its training: with such images, the metrics are too good
 * @param testDigest digest of these images and their labels; evaluations are comparable if it is equal
 * @param metrics metrics on these images, once the state is SUCCEEDED
 * @param createdAt when it was submitted
 * @param finishedAt when it reached a final state, else null
 */
record EvaluationSummary(
        @Schema(required = true) UUID id,
        @Schema(required = true) RunKind kind,
        @Schema(required = true) RunState state,
        String reason,
        @Schema(required = true) Model model,
        @Schema(required = true) String project,
        @Schema(required = true) int datasetVersion,
        @Schema(required = true) int knownImages,
        @Schema(required = true) String testDigest,
        @Schema(required = true) Map<String, Double> metrics,
        @Schema(required = true) Instant createdAt,
        Instant finishedAt) {

    /**
     * The model that is evaluated.
     *
     * @param run run that trained it
     * @param project name of the project that it was trained for, absent if its run was deleted
     * @param version number of the model version, absent if it is not registered or its run was deleted
     */
    @Schema(name = "EvaluationModel")
    @JsonInclude(Include.NON_NULL)
    record Model(@Schema(required = true) UUID run, String project, Integer version) {}

    static EvaluationSummary of(Run run, String testDigest) {
        PackagedModel other = run.data().model();
        Model model = other == null
                ? new Model(run.id(), run.data().project(), run.outcome().modelVersion())
                : new Model(other.run(), other.project(), other.version());
        return new EvaluationSummary(
                run.id(),
                run.settings().kind(),
                run.status().state(),
                run.status().reason(),
                model,
                run.data().project(),
                run.data().datasetVersion(),
                other == null ? 0 : other.knownImages(),
                testDigest,
                run.outcome().metrics(),
                run.times().createdAt(),
                run.times().finishedAt());
    }
}
