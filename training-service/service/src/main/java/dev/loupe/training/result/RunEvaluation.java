package dev.loupe.training.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.training.Control;

/**
 * The evaluation of a run's model on the TEST images.
 *
 * @param evaluation as the trainer stored it; it never changes
 * @param control the control of the run, absent if it has none
 */
public record RunEvaluation(
        @JsonUnwrapped Evaluation evaluation,
        @JsonInclude(Include.NON_NULL) Control control) {}
