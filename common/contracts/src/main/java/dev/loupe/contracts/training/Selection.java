package dev.loupe.contracts.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.recipe.Recipe;
import java.util.List;
import java.util.Map;

/**
 * How a recipe that tries several others chose one of them. Only DEV images were used for it.
 *
 * @param chosen name of the candidate that became the model
 * @param reason why, in a sentence
 * @param candidates all candidates, in the order in which they were tried
 */
public record Selection(String chosen, String reason, List<Candidate> candidates) {

    /**
     * A recipe that was tried.
     *
     * @param name name of the candidate: {@code transfer with scattering}
     * @param recipe the recipe, with the parameters that differ from its defaults
     * @param devMetrics metrics on the DEV images; empty if it was not trained to the end
     * @param seconds wall-clock time that it took
     * @param note what became of it, if it was not trained on all TRAIN images to the end; else null
     * @param phase what the phases of its training begin with, by which its metrics over time are told apart; null if it was
     *     not trained, or in old results
     */
    public record Candidate(
            String name,
            Recipe recipe,
            Map<String, Double> devMetrics,
            double seconds,
            String note,
            @JsonInclude(Include.NON_NULL) String phase) {
        public Candidate {
            devMetrics = Metrics.check(devMetrics);
        }
    }

    public Selection {
        candidates = List.copyOf(candidates);
        if (candidates.stream().noneMatch(candidate -> candidate.name().equals(chosen))) {
            throw new IllegalArgumentException("selection: '" + chosen + "' is not among the candidates");
        }
    }

    /** The recipe of the chosen candidate. */
    public Recipe chosenRecipe() {
        return chosenCandidate().recipe();
    }

    /** The candidate that became the model. */
    public Candidate chosenCandidate() {
        return candidates.stream()
                .filter(candidate -> candidate.name().equals(chosen))
                .findFirst()
                .orElseThrow();
    }
}
