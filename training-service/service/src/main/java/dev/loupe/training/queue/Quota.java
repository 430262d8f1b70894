package dev.loupe.training.queue;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Optional;

/**
 * What a project may have at the same time.
 *
 * @param maxRuns most runs with a trainer; null: as many as there are trainers
 * @param maxGpus most GPUs of all its trainers; null: as many as there are
 * @param weight of its share where several projects wait: one of weight 2 gets twice as much as one of weight 1
 */
public record Quota(Integer maxRuns, Integer maxGpus, double weight) {
    /** Of a project of which nothing was said. */
    public static final Quota NONE = new Quota(null, null, 1);

    public Quota {
        if (maxRuns != null && maxRuns < 0) {
            throw new IllegalArgumentException("maxRuns: expected 0 or more, got " + maxRuns);
        }
        if (maxGpus != null && maxGpus < 0) {
            throw new IllegalArgumentException("maxGpus: expected 0 or more, got " + maxGpus);
        }
        if (!(weight > 0) || !Double.isFinite(weight)) {
            throw new IllegalArgumentException("weight: expected a number greater than 0, got " + weight);
        }
    }

    /** Why a project that holds this can't have another trainer; empty if it can. */
    @JsonIgnore
    Optional<String> refusal(Usage held, int gpus) {
        if (maxRuns != null && held.runs() + 1 > maxRuns) {
            return Optional.of(held.runs() + " of the project's " + maxRuns + " runs have a trainer");
        }
        if (maxGpus != null && held.gpus() + gpus > maxGpus) {
            return Optional.of(
                    "it asks for " + gpus + " GPUs, and the project uses " + held.gpus() + " of its " + maxGpus);
        }
        return Optional.empty();
    }
}
