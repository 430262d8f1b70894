package dev.loupe.inference.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;

/**
 * One change of the candidate of an alias.
 *
 * @param alias name of the alias
 * @param revision increases by one with each change
 * @param kind kind of the change
 * @param active whether the candidate answers requests after the change
 * @param generation generation of the alias that the candidate was started at
 * @param holder number of the version that the alias pointed at then
 * @param candidate number of the candidate
 * @param weight percentage of the requests that the candidate answers
 * @param shadow whether the candidate also sees the images that the holder predicts; its predictions are not returned
 * @param rollout whether the last rollout of the alias is one of this candidate; false in the answer to a change
 * @param seed see {@link Canary#seed}
 * @param reason reason that the actor gave, may be null
 * @param actor who changed it
 * @param changedAt time of the change
 */
public record CanaryChange(
        String alias,
        long revision,
        Kind kind,
        boolean active,
        long generation,
        int holder,
        int candidate,
        double weight,
        boolean shadow,
        boolean rollout,
        @JsonIgnore long seed,
        String reason,
        String actor,
        Instant changedAt) {

    /** Kind of a change. */
    public enum Kind {
        STARTED,
        WEIGHT_SET,
        ABORTED,
        /** A bound of its rollout did not hold. */
        ROLLED_BACK,
        /** The alias was pointed at the candidate. */
        PROMOTED,
        /** The alias was pointed at another version. */
        SUPERSEDED
    }

    /** What replicas need. */
    Canary canary() {
        return new Canary(alias, revision, generation, candidate, weight, seed, active, shadow);
    }

    /** The next change. With its end, a candidate sees nothing more. */
    CanaryChange next(Kind next, double nextWeight, boolean nextShadow, String why, String by, Instant at) {
        boolean goesOn = next == Kind.WEIGHT_SET;
        return new CanaryChange(
                alias,
                revision + 1,
                next,
                goesOn,
                generation,
                holder,
                candidate,
                nextWeight,
                goesOn && nextShadow,
                rollout,
                seed,
                why,
                by,
                at);
    }
}
