package dev.loupe.training.queue;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Optional;

/**
 * Limits of what a project, or all projects of a tenant together, may hold at the same time.
 *
 * @param maxRuns most runs with a trainer; null: no limit
 * @param maxGpus most GPUs of all its trainers; null: no limit
 * @param weight relative share when several projects wait: weight 2 gets twice as much as weight 1
 */
public record Quota(Integer maxRuns, Integer maxGpus, double weight) {
    /** The quota of a project or a tenant for which none was set. */
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

    /**
     * Why who holds this cannot have another trainer; empty if they can.
     *
     * @param who {@code project} or {@code tenant}
     */
    @JsonIgnore
    Optional<String> refusal(Usage held, int gpus, String who) {
        if (maxRuns != null && held.runs() + 1 > maxRuns) {
            return Optional.of(held.runs() + " of the " + who + "'s " + maxRuns + " runs have a trainer");
        }
        if (maxGpus != null && held.gpus() + gpus > maxGpus) {
            return Optional.of(
                    "it asks for " + gpus + " GPUs, and the " + who + " uses " + held.gpus() + " of its " + maxGpus);
        }
        return Optional.empty();
    }
}
