package dev.loupe.training.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.training.run.Run;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * The evaluation of a run's model on the TEST images.
 *
 * @param evaluation as the trainer stored it; it never changes
 * @param control the newest control of the run, absent if it has none
 */
public record RunEvaluation(
        @JsonUnwrapped Evaluation evaluation,
        @JsonInclude(Include.NON_NULL) Control control) {

    /**
     * A run with the same recipe on the same dataset version, with random weights.
     *
     * @param run its id
     * @param backbone its backbone
     * @param metrics its metrics on the same TEST images
     */
    @Schema(name = "EvaluationControl")
    public record Control(
            @Schema(required = true) UUID run,
            @Schema(required = true) String backbone,
            @Schema(required = true) Map<String, Double> metrics) {
        static Control of(Run run) {
            return new Control(
                    run.id(),
                    String.valueOf(run.trainedRecipe().parameters().get("backbone")),
                    run.outcome().metrics());
        }
    }
}
